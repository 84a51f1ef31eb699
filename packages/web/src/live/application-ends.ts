import type { Interface, InterfaceRef, Space } from '@netweir/api';

/** Where else on the way of an interface's packets an impairment can stand. */
export interface OtherEnd {
  readonly role: 'peer' | 'bridge';
  readonly reference: InterfaceRef;
}

/** The other end of a veth pair and the bridge that this end is a port of, as far as they are known. */
export function otherEnds({ peer }: Interface, spaces: readonly Space[]): readonly OtherEnd[] {
  if (!peer || peer.space === null || peer.interface === null) return [];
  const space = spaces.find(({ id }) => id === peer.space);
  const end = space?.interfaces.find(({ ifindex }) => ifindex === peer.ifindex);
  if (!space || !end) return [];
  const ends: OtherEnd[] = [{ role: 'peer', reference: { space: space.id, interface: end.name } }];
  const master = space.interfaces.find(({ name }) => name === end.master);
  if (master?.kind === 'bridge') {
    ends.push({ role: 'bridge', reference: { space: space.id, interface: master.name } });
  }
  return ends;
}
