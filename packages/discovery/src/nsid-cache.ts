import {
  getNsid,
  NETNSA_NSID_NOT_ASSIGNED,
  type NetlinkSocket,
  type NsidEvent,
} from '@netweir/kernel';

/** Remembers by which numbers a namespace knows others, for as long as that holds. */
export class NsidCache {
  readonly #netlink: NetlinkSocket;
  readonly #nsids = new Map<string, number>();

  /** `netlink` is a socket inside the namespace whose numbers these are. */
  constructor(netlink: NetlinkSocket) {
    this.#netlink = netlink;
  }

  /** The number of the namespace of `fd`, which `key` identifies. @throws {KernelError} */
  get(key: string, fd: number): number {
    const known = this.#nsids.get(key);
    if (known !== undefined) return known;
    const nsid = this.#netlink.query(getNsid(fd))[0] ?? NETNSA_NSID_NOT_ASSIGNED;
    this.#nsids.set(key, nsid);
    return nsid;
  }

  /** Drops what an event contradicts: a number is given to a namespace, or its namespace has died. */
  apply({ deleted, nsid }: NsidEvent): void {
    const wrong = deleted ? nsid : NETNSA_NSID_NOT_ASSIGNED;
    for (const [key, known] of this.#nsids) if (known === wrong) this.#nsids.delete(key);
  }

  /** Once a namespace is let go of, another may come to have its key. */
  forget(key: string): void {
    this.#nsids.delete(key);
  }

  clear(): void {
    this.#nsids.clear();
  }
}
