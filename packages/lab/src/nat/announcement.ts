import type { Member } from '../node/member.ts';
import type { Plug } from '../stack/lan.ts';

/** What a node above a router knows of the router's network. */
export interface NetworkAbove {
  readonly above: Member;
  /** Of the node next below: where the network is. */
  readonly plug: Plug;
  /** Prefixes that a translation on the way hides from the node, or a network without the protocol. */
  readonly hidden: readonly string[];
  /** Prefixes that the node has routes to. */
  readonly shown: readonly string[];
}

/** The nodes from a router up to the exchange, and which of the router's prefixes each has to know. */
export function* networksAbove(router: Member): Generator<NetworkAbove> {
  if (!router.lan) return;
  const { ipv4, ipv6 } = router.lan.announced;
  const outer = router.translation?.outerPrefix;
  let [hidesIpv4, hidesIpv6] = [!router.lan.has(4), !router.lan.has(6)];
  for (const { below, above, plug } of uplinksFrom(router)) {
    hidesIpv4 ||= !plug.lan.has(4) || (below.translation?.hidesIpv4 ?? false);
    hidesIpv6 ||= !plug.lan.has(6) || (below.translation?.hidesIpv6 ?? false);
    const isShown = new Map([
      [ipv4, !hidesIpv4],
      [ipv6, !hidesIpv6 && outer === undefined],
      ...(outer === undefined ? [] : ([[outer, !hidesIpv6]] as const)),
    ]);
    const prefixes = [...isShown.keys()];
    yield {
      above,
      plug,
      hidden: prefixes.filter((prefix) => !isShown.get(prefix)),
      shown: prefixes.filter((prefix) => isShown.get(prefix)),
    };
  }
}

export function isBehind(member: Member, router: Member): boolean {
  return uplinksFrom(member).some(({ above }) => above === router);
}

function uplinksFrom(router: Member): { below: Member; above: Member; plug: Plug }[] {
  const uplinks = [];
  let below = router;
  for (let above = below.upstream; above; above = below.upstream) {
    if (below.defaultPlug) uplinks.push({ below, above, plug: below.defaultPlug });
    below = above;
  }
  return uplinks;
}
