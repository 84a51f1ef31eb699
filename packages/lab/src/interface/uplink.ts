import { LabError } from '../errors.ts';
import type { Member } from '../node/member.ts';
import type { Topology } from '../topology.ts';
import { replug } from './connect.ts';

/** Moves a router, with all that is behind it, to another one. */
export function setUplink(topology: Topology, router: Member, upstream: Member): void {
  const moved = [...topology.members].filter((member) => isBehind(member, router));
  if (moved.includes(upstream)) {
    throw new LabError(
      'ERR_LAB_UPSTREAM',
      `router ${router.name} cannot have its uplink at ${upstream.name}, which is behind it`,
    );
  }
  const name = router.defaultPlug?.interface.name;
  if (name === undefined) throw new TypeError(`router ${router.name} has no uplink`);
  for (const member of moved) topology.withdraw(member);
  try {
    replug(topology, router, name, upstream);
  } finally {
    for (const member of moved) topology.announce(member);
  }
}

/** Whether a node is a router, or connected to the exchange through it. */
function isBehind(member: Member, router: Member): boolean {
  for (let at: Member | undefined = member; at; at = at.upstream) if (at === router) return true;
  return false;
}
