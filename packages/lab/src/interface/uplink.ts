import { LabError } from '../errors.ts';
import { isBehind } from '../nat/announcement.ts';
import type { Member } from '../node/member.ts';
import { type Topology, uplinkOf } from '../topology.ts';
import { replug } from './connect.ts';

/** Moves a router, with all that is behind it, to another one, or leaves it where it is. */
export function setUplink(topology: Topology, router: Member, upstream: Member): void {
  const { upstream: former } = router;
  const { interface: name } = uplinkOf(router);
  if (!former) throw new TypeError(`router ${router.name} has no uplink`);
  if (upstream === router || isBehind(upstream, router)) {
    throw new LabError(
      'ERR_LAB_UPSTREAM',
      `router ${router.name} cannot have its uplink at ${upstream.name}, which is behind it`,
    );
  }
  const moved = [...topology.members].filter((one) => one === router || isBehind(one, router));
  for (const member of moved) topology.forget(member);
  try {
    replug(topology, router, name, upstream);
    router.translation?.move(uplinkOf(router));
  } catch (error) {
    if (router.upstream !== former) {
      replug(topology, router, name, former);
      router.translation?.move(uplinkOf(router));
    }
    throw error;
  } finally {
    for (const member of moved) topology.announce(member);
  }
}
