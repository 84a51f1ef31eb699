import type { Member } from '../node/member.ts';

/**
 * Makes the default routes lead through another interface. Of a family that its network lacks there is
 * none any more.
 */
export function setDefaultRoute(member: Member, name: string): void {
  const plug = member.plug(name);
  const routes = plug.lan.defaultRoutes(plug);
  const gone = (member.defaultPlug?.lan.defaultRoutes(member.defaultPlug) ?? [])
    .map(({ destination }) => destination)
    .filter((destination) => routes.every((route) => route.destination !== destination));
  member.stack.setRoutesNow(routes);
  member.stack.deleteRoutes(gone);
  member.defaultPlug = plug;
  member.tell('default-route-changed', name);
}
