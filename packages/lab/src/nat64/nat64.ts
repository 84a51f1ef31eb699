import { closeSync } from 'node:fs';
import { nftables, openTun, parseIpAddress, replaceRoute } from '@netweir/kernel';
import type { Activities } from '../code/activities.ts';
import type { NetworkStack } from '../stack/network-stack.ts';
import { changeRuleset } from '../stack/ruleset.ts';
import { NAT64_PREFIX } from './address.ts';
import { translate } from './translator-thread.ts';

/** The interface that leads to the translator. */
const NAT64_INTERFACE = 'nat64';
/** What the translator's packets are from until they leave the router (RFC 5737: TEST-NET-1). */
const POOL_ADDRESS = '192.0.2.64';
const QUEUE_LENGTH = 2000;

const NAT64 = { family: 'ip', table: 'netweir_nat64' } as const;
const POSTROUTING = { ...NAT64, chain: 'postrouting' } as const;
/** Behind the router's own translation of IPv4, which comes first where there is one. */
const PRIORITY = nftables.PRIORITY.srcnat + 10;

/**
 * A router's NAT64, from its making to `close`: packets to 64:ff9b::/96 go to a translator, and on as
 * IPv4 from the uplink's address.
 */
export class Nat64 {
  readonly #stack: NetworkStack;
  readonly #ifindex: number;
  readonly #endTranslation: () => Promise<void>;
  readonly #forget: () => void;
  #closing: Promise<void> | undefined;

  /**
   * It ends with the node's activities at the latest.
   * @throws {KernelError} ENOENT or ENODEV without the tun driver
   */
  constructor(stack: NetworkStack, uplinkName: string, activities: Activities) {
    this.#stack = stack;
    const { namespace } = stack;
    const tun = openTun(namespace, { name: NAT64_INTERFACE, queueLength: QUEUE_LENGTH });
    const { ifindex } = tun;
    this.#ifindex = ifindex;
    try {
      const destinations = [NAT64_PREFIX, `${POOL_ADDRESS}/32`];
      stack.change(destinations.map((destination) => replaceRoute({ destination, ifindex })));
      changeRuleset(namespace, masqueradeCommands(uplinkName));
    } catch (error) {
      closeSync(tun.fd);
      throw error;
    }
    this.#endTranslation = translate(tun.fd, parseIpAddress(POOL_ADDRESS).bytes);
    this.#forget = activities.add(() => this.close());
  }

  /** Takes all of it away at once; fulfilled when the thread has let go of it. A second call only waits. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#stack.deleteLink(this.#ifindex);
    changeRuleset(this.#stack.namespace, [nftables.destroyTable(NAT64)]);
    await this.#endTranslation();
    this.#forget();
  }
}

function masqueradeCommands(uplinkName: string): nftables.Command[] {
  return [
    nftables.destroyTable(NAT64),
    nftables.addTable(NAT64),
    nftables.addChain({
      ...POSTROUTING,
      base: { type: 'nat', hook: 'postrouting', priority: PRIORITY },
    }),
    nftables.appendRule(
      POSTROUTING,
      nftables.match(nftables.meta.oifname, uplinkName),
      nftables.match(nftables.ip.saddr, POOL_ADDRESS),
      nftables.masquerade(),
    ),
  ];
}
