import { parseIpAddress } from '@netweir/kernel';
import { LabError } from '../errors.ts';
import type { EventLog } from '../event-log.ts';
import { nat64Address } from '../nat64/address.ts';
import type { Member } from '../node/member.ts';

/** The domain of a lab's nodes. */
export const DOMAIN = 'lab';

/** What a name can be given: addresses, or a text (a TXT record). */
export type NameValue = string | readonly string[] | { readonly text: string };

/** What is known of a name. */
export interface NameRecords {
  readonly addresses: readonly string[];
  readonly text: readonly string[];
}

/** Labels of RFC 1123, and the underscore of service names (RFC 8552). */
const NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/;

type Table = Map<string, NameRecords>;

/**
 * The names of one lab: those that are set, and those of its nodes with the addresses that these have at
 * the moment. What is set for one device is known to it alone, and comes before what all know.
 */
export class Names {
  readonly #members: () => Iterable<Member>;
  readonly #events: EventLog;
  readonly #common: Table = new Map();
  readonly #own = new WeakMap<Member, Table>();
  #nameserver: string | undefined;

  constructor(members: () => Iterable<Member>, events: EventLog) {
    this.#members = members;
    this.#events = events;
  }

  /** The address of a name server of the user's own, if there is one. */
  get nameserver(): string | undefined {
    return this.#nameserver;
  }

  setNameserver(address: string | undefined): void {
    if (address !== undefined) parseIpAddress(address);
    this.#nameserver = address;
    this.#events.tell('name-changed', { value: { nameserver: address ?? null } });
  }

  /** @throws {LabError} ERR_LAB_INVALID_NAME; InvalidValueError for what is no address */
  set(name: string, value: NameValue, owner?: Member): void {
    const key = checkedKey(name);
    const records = recordsOf(value);
    this.#table(owner).set(key, records);
    this.#tell(key, records, owner);
  }

  /** Whether there was such a name. */
  delete(name: string, owner?: Member): boolean {
    const key = keyOf(name);
    const existed = this.#table(owner).delete(key);
    if (existed) this.#tell(key, null, owner);
    return existed;
  }

  /**
   * What a node, or anybody, knows of a name; undefined where there is no such name. Behind NAT64 what has
   * IPv4 addresses alone has their translations as well (DNS64, RFC 6147).
   */
  find(name: string, asking?: Member): NameRecords | undefined {
    const records = this.#find(keyOf(name), asking);
    if (!records || !asking || records.addresses.some(isIpv6) || !isBehindNat64(asking)) {
      return records;
    }
    const { addresses, text } = records;
    return { addresses: [...addresses, ...addresses.map(nat64Address)], text };
  }

  #find(key: string, asking: Member | undefined): NameRecords | undefined {
    const own = asking && this.#own.get(asking)?.get(key);
    const set = own ?? this.#common.get(key);
    if (set) return set;
    const member = this.#memberOf(key);
    if (member) return { addresses: addressesOf(member), text: [] };
    return this.#isAbove(key, asking) ? { addresses: [], text: [] } : undefined;
  }

  /** Whether a node knows what others do not. */
  hasOwn(member: Member): boolean {
    return (this.#own.get(member)?.size ?? 0) > 0;
  }

  /** The names of an address, that of the node first. */
  namesOf(address: string, asking?: Member): string[] {
    const nodes = [...this.#members()].filter((member) => addressesOf(member).includes(address));
    const tables = [asking && this.#own.get(asking), this.#common];
    const set = tables.flatMap((table) =>
      [...(table ?? [])].filter(([, { addresses }]) => addresses.includes(address)),
    );
    return [...nodes.map(({ name }) => `${keyOf(name)}.${DOMAIN}`), ...set.map(([name]) => name)];
  }

  /** All names with their addresses, as a node knows them, those first that come before others. */
  *entries(asking?: Member): Generator<readonly [address: string, name: string]> {
    const seen = new Set<string>();
    const tables = [asking && this.#own.get(asking), this.#common];
    for (const table of tables) {
      for (const [name, { addresses }] of table ?? []) {
        if (seen.has(name)) continue;
        seen.add(name);
        for (const address of addresses) yield [address, name];
      }
    }
    for (const member of this.#members()) {
      const key = keyOf(member.name);
      for (const name of [key, `${key}.${DOMAIN}`]) {
        if (seen.has(name)) continue;
        for (const address of addressesOf(member)) yield [address, name];
      }
    }
  }

  /** The node that has an address. */
  ownerOf(address: string): Member | undefined {
    return [...this.#members()].find((member) => addressesOf(member).includes(address));
  }

  #memberOf(key: string): Member | undefined {
    const suffix = `.${DOMAIN}`;
    const name = key.endsWith(suffix) ? key.slice(0, -suffix.length) : key;
    return [...this.#members()].find((member) => keyOf(member.name) === name);
  }

  /** Whether there is a name below this one, which then exists too (RFC 8020). */
  #isAbove(key: string, asking: Member | undefined): boolean {
    if (key === '' || key === DOMAIN) return true;
    const own = asking && this.#own.get(asking);
    return [...(own?.keys() ?? []), ...this.#common.keys()].some((name) =>
      name.endsWith(`.${key}`),
    );
  }

  #table(owner: Member | undefined): Table {
    if (!owner) return this.#common;
    const table = this.#own.get(owner) ?? new Map();
    this.#own.set(owner, table);
    return table;
  }

  #tell(name: string, records: NameRecords | null, owner: Member | undefined): void {
    const value = {
      name,
      ...(records && { addresses: [...records.addresses], text: [...records.text] }),
    };
    this.#events.tell('name-changed', { ...(owner && { node: owner.name }), value });
  }
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

/** Whether a node has no IPv4 of its own, and a router above it that translates to it. */
function isBehindNat64({ plugs, upstream }: Member): boolean {
  const networks = [...plugs.values()];
  if (networks.length === 0 || networks.some(({ addresses }) => addresses.ipv4)) return false;
  for (let router = upstream; router; router = router.upstream) {
    if (router.translation?.natV6 === 'nat64') return true;
  }
  return false;
}

/** Those of all interfaces, that with the default routes first; of the exchange those of its network. */
function addressesOf({ plugs, defaultPlug, lan }: Member): string[] {
  const ordered = [...plugs.values()].sort(
    (a, b) => Number(b === defaultPlug) - Number(a === defaultPlug),
  );
  const hosts = ordered.map(({ addresses }) => addresses);
  if (hosts.length === 0 && lan) hosts.push(lan.gateway);
  return [...hosts.map(({ ipv4 }) => ipv4), ...hosts.map(({ ipv6 }) => ipv6)].filter(
    (address) => address !== undefined,
  );
}

function recordsOf(value: NameValue): NameRecords {
  if (typeof value === 'object' && 'text' in value) return { addresses: [], text: [value.text] };
  const addresses = typeof value === 'string' ? [value] : [...value];
  for (const address of addresses) parseIpAddress(address);
  return { addresses, text: [] };
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function checkedKey(name: string): string {
  const key = keyOf(name);
  if (NAME.test(key)) return key;
  throw new LabError(
    'ERR_LAB_INVALID_NAME',
    `${JSON.stringify(name)} is no name: it is labels of up to 63 letters, digits, hyphens and underscores`,
  );
}
