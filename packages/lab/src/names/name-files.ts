import type { LabEventKind } from '@netweir/api';
import { KernelError, MountNamespace } from '@netweir/kernel';
import type { EventLog } from '../event-log.ts';
import type { Member } from '../node/member.ts';
import { HOSTS_FILE, hostsText, RESOLVER_FILE, resolverText, switchFile } from './files.ts';
import type { Names } from './names.ts';

/** What a lab's nodes may ask, if they have an address of its family. */
export interface Nameservers {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** After these a node may have other addresses, or a name others. */
const OF_NAMES: ReadonlySet<LabEventKind> = new Set([
  'node-added',
  'node-removed',
  'interface-added',
  'interface-removed',
  'interface-replugged',
  'address-changed',
  'default-route-changed',
  'name-changed',
] as const);

/**
 * The files that the programs of a lab's nodes look names up in: each node that programs run in has a
 * mount namespace with its own.
 */
export class NameFiles {
  readonly #names: Names;
  readonly #nameservers: Nameservers;
  readonly #mounts = new Map<Member, MountNamespace>();
  #updating = false;
  #refused = false;

  constructor(names: Names, nameservers: Nameservers, events: EventLog) {
    this.#names = names;
    this.#nameservers = nameservers;
    events.subscribe(({ kind }) => {
      if (OF_NAMES.has(kind)) this.#changed();
    });
  }

  /** Where a node's programs start; undefined where this process may mount nothing. */
  mountsOf(member: Member): MountNamespace | undefined {
    const existing = this.#mounts.get(member);
    // What has just changed is in the files before the next program starts.
    if (existing && this.#updating) this.#update();
    if (existing || this.#refused) return existing;
    try {
      const mounts = new MountNamespace({ ...this.#textsOf(member), ...switchFile() });
      this.#mounts.set(member, mounts);
      member.activities.add(() => {
        this.#mounts.delete(member);
        mounts.close();
      });
      return mounts;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#refused = true;
      process.emitWarning(`programs in labs do not know the names of nodes: ${error.message}`);
      return undefined;
    }
  }

  /** The name servers of a node. */
  nameserversOf({ plugs }: Member): string[] {
    const { nameserver } = this.#names;
    if (nameserver !== undefined) return [nameserver];
    const { ipv4, ipv6 } = this.#nameservers;
    const has = (family: 'ipv4' | 'ipv6'): boolean =>
      plugs.size === 0 || [...plugs.values()].some((plug) => plug.addresses[family] !== undefined);
    return [...(has('ipv4') ? [ipv4] : []), ...(has('ipv6') ? [ipv6] : [])];
  }

  /** Once for all changes of one turn. */
  #changed(): void {
    if (this.#updating || this.#mounts.size === 0) return;
    this.#updating = true;
    queueMicrotask(() => this.#update());
  }

  #update(): void {
    if (!this.#updating) return;
    this.#updating = false;
    const common = hostsText(this.#names.entries());
    for (const [member, mounts] of this.#mounts) {
      for (const [path, text] of Object.entries(this.#textsOf(member, common))) {
        mounts.write(path, text);
      }
    }
  }

  #textsOf(member: Member, common?: string): Readonly<Record<string, string>> {
    const hosts = this.#names.hasOwn(member) ? undefined : common;
    return {
      [HOSTS_FILE]: hosts ?? hostsText(this.#names.entries(member)),
      [RESOLVER_FILE]: resolverText(this.nameserversOf(member)),
    };
  }
}
