import { LabError } from '../errors.ts';
import type { Member } from '../node/member.ts';

/**
 * The one interface by which one of two nodes is connected to the other: a device's to its router, that of
 * the router downstream, or that of the first of two regions.
 * @throws {LabError} ERR_LAB_NOT_NEIGHBOURS, ERR_LAB_AMBIGUOUS_LINK
 */
export function linkBetween(a: Member, b: Member): { member: Member; interfaceName: string } {
  const [link, ...others] = [...plugsInto(a, b), ...plugsInto(b, a), ...linksTo(a, b)];
  const names = `${a.name} and ${b.name}`;
  if (!link) throw new LabError('ERR_LAB_NOT_NEIGHBOURS', `no link is between ${names}`);
  if (others.length === 0) return link;
  const interfaces = [link, ...others].map(({ interfaceName }) => interfaceName).join(', ');
  throw new LabError(
    'ERR_LAB_AMBIGUOUS_LINK',
    `${names} have more than one link: ${interfaces} of ${link.member.name}`,
    'say which by setConditions of the node',
  );
}

function linksTo(member: Member, other: Member): { member: Member; interfaceName: string }[] {
  return [...member.links]
    .filter(([, { far }]) => far.stack === other.stack)
    .map(([interfaceName]) => ({ member, interfaceName }));
}

function plugsInto(member: Member, router: Member): { member: Member; interfaceName: string }[] {
  return [...member.plugs]
    .filter(([, plug]) => plug.lan === router.lan)
    .map(([interfaceName]) => ({ member, interfaceName }));
}
