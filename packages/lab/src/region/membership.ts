import { LabError } from '../errors.ts';
import type { Member } from '../node/member.ts';

/** The region that a node is in: its own, or that of the routers above it. */
export function regionOf(node: Member): Member['region'] {
  for (let at: Member | undefined = node; at; at = at.upstream) if (at.region) return at.region;
  return undefined;
}

/** @throws {LabError} ERR_LAB_UPSTREAM where a router is to be in another region than its upstream */
export function checkRegion(name: string, upstream: Member, region: Member | undefined): void {
  if (!region || regionOf(upstream) === region.region) return;
  throw new LabError(
    'ERR_LAB_UPSTREAM',
    `router ${name} cannot be in ${region.name}: its upstream ${upstream.name} is not`,
    'leave `region` out: a router behind another one is where that one is',
  );
}
