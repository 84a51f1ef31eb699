import { nftables } from '@netweir/kernel';
import { Mappings, TABLE } from './mappings.ts';
import type { ExactNatConfig } from './settings.ts';
import type { StandingFlow } from './standing-flows.ts';
import { timeoutsOf } from './timeouts.ts';

const { accept, appendRule, ct, drop, ip, match, meta, unless } = nftables;
type Command = nftables.Command;
type Statement = nftables.Statement;

/** The outside of a router. */
export interface Outside {
  /** The uplink's name. */
  readonly interface: string;
  /** Its IPv4 address. */
  readonly address: string;
}

const PREROUTING = { ...TABLE, chain: 'prerouting' };
const INPUT = { ...TABLE, chain: 'input' };
const FORWARD = { ...TABLE, chain: 'forward' };
const POSTROUTING = { ...TABLE, chain: 'postrouting' };
const TRANSLATE = { ...TABLE, chain: 'translate' };
const ALLOCATE = { ...TABLE, chain: 'allocate' };
const RENEW = { ...TABLE, chain: 'renew' };

const { dstnat, srcnat, filter } = nftables.PRIORITY;
/** Behind the translation of the source, so that conntrack has the external port. */
const AFTER_SRCNAT = srcnat + 10;

/** RFC 6056 section 3.2. */
const FIRST_RANDOM_PORT = 1024;
const LAST_PORT = 65_535;
/** Draws of a random port; that all hit ports in use is for a router with tens of thousands of them. */
const DRAWS = 4;

const withPorts = match(meta.l4proto, ['tcp', 'udp']);

/** The table of a router that translates, in place of one that is there. */
export function natRuleset(
  nat: ExactNatConfig,
  outside: Outside,
  standing: readonly StandingFlow[] = [],
): Command[] {
  const kind = {
    perDestination: nat.mapping === 'endpoint-dependent',
    peers: nat.filtering === 'address-dependent',
  };
  const mappings = new Mappings(kind, outside.address, timeoutsOf(nat));
  return [
    ...idleRuleset(),
    nftables.addChain({ ...FORWARD, base: { type: 'filter', hook: 'forward', priority: filter } }),
    nftables.addChain({ ...INPUT, base: { type: 'filter', hook: 'input', priority: filter } }),
    nftables.addChain({
      ...RENEW,
      base: { type: 'filter', hook: 'postrouting', priority: AFTER_SRCNAT },
    }),
    nftables.addChain(TRANSLATE),
    nftables.addChain(ALLOCATE),
    ...mappings.create(standing),
    ...inbound(nat, mappings, outside),
    ...outbound(nat, mappings, outside),
    ...mappings.renewals().map((statements) => appendRule(RENEW, ...statements)),
  ];
}

/** A table with which nothing passes. */
export function closedRuleset(): Command[] {
  const base = { type: 'filter', hook: 'forward', priority: filter, policy: 'drop' } as const;
  return [...idleRuleset(), nftables.addChain({ ...FORWARD, base })];
}

/** A table that translates no new connection; what was translated before, conntrack goes on with. */
export function idleRuleset(): Command[] {
  return [
    nftables.destroyTable(TABLE),
    nftables.addTable(TABLE),
    nftables.addChain({
      ...PREROUTING,
      base: { type: 'nat', hook: 'prerouting', priority: dstnat },
    }),
    nftables.addChain({
      ...POSTROUTING,
      base: { type: 'nat', hook: 'postrouting', priority: srcnat },
    }),
  ];
}

/**
 * What comes for a client's port goes to the client, and only then is filtered; what comes for a port that
 * nobody has is dropped unless a program listens here. The sender hears nothing (RFC 4787 section 5,
 * RFC 5382 REQ-4), and conntrack has no trace: with one, a client's own first packet to that sender, from
 * that port, would be lost.
 */
function inbound(nat: ExactNatConfig, mappings: Mappings, outside: Outside): Command[] {
  const fromOutside = match(meta.iifname, outside.interface);
  const begun: Statement[] = [fromOutside, match(ct.state, 'new')];
  const wanted: Record<ExactNatConfig['filtering'], Statement[][]> = {
    'endpoint-independent': [[match(ct.status, 'dnat')]],
    'address-dependent': [[match(ct.status, 'dnat'), mappings.hasSentTo()]],
    'address-and-port-dependent': [],
  };
  const forAddress = [...(nat.hairpin ? [] : [fromOutside]), match(ip.daddr, outside.address)];
  return [
    appendRule(PREROUTING, ...forAddress, withPorts, mappings.toClient()),
    ...wanted[nat.filtering].map((statements) =>
      appendRule(FORWARD, ...begun, ...statements, accept),
    ),
    appendRule(FORWARD, ...begun, drop),
    appendRule(INPUT, ...begun, withPorts, match(nftables.socket.transparent, 0), accept),
    appendRule(INPUT, ...begun, withPorts, drop),
  ];
}

function outbound(nat: ExactNatConfig, mappings: Mappings, outside: Outside): Command[] {
  const toOutside = match(meta.oifname, outside.interface);
  // From one client to another by the external address; never what came from outside (RFC 4787 REQ-9).
  const hairpin = [
    unless(meta.iifname, outside.interface),
    unless(meta.oifname, outside.interface),
    match(ct.status, 'dnat'),
  ];
  const random = nftables.drawPort(FIRST_RANDOM_PORT, LAST_PORT);
  const { sport } = nftables.th;
  const own = [mappings.isFree(sport), ...mappings.remember(sport)];
  const drawn = [random.draw, mappings.isFree(random.port), ...mappings.remember(random.port)];
  const attempts = Array.from({ length: DRAWS }, () => drawn);
  if (nat.ports === 'preserving') attempts.unshift(own);
  return [
    appendRule(
      POSTROUTING,
      toOutside,
      unless(ip.saddr, outside.address),
      nftables.jumpTo(TRANSLATE.chain),
    ),
    ...(nat.hairpin ? [appendRule(POSTROUTING, ...hairpin, nftables.jumpTo(TRANSLATE.chain))] : []),
    appendRule(TRANSLATE, withPorts, nftables.jumpTo(ALLOCATE.chain)),
    appendRule(TRANSLATE, nftables.snatTo({ address: outside.address })),
    appendRule(ALLOCATE, mappings.toMapped()),
    ...attempts.flatMap((attempt) => [
      appendRule(ALLOCATE, ...attempt),
      appendRule(ALLOCATE, mappings.toMapped()),
    ]),
  ];
}
