import {
  type Container,
  type Impairment,
  type Interface,
  isInNetwork,
  matchesContainer,
  matchesGlob,
  type NamedRule,
} from '@netweir/api';

/** What of an interface decides whether a rule is for it. */
export type MatchedInterface = Pick<Interface, 'name' | 'network' | 'up'>;

/** What is to be done to an interface, and by which rule; `labels` for the container's own. */
export interface Ruling {
  readonly rule: string;
  readonly impairment: Impairment;
}

/**
 * Devices that the kernel makes in every namespace as soon as a module is loaded (net/ipv4/ipip.c,
 * ip_gre.c, ip_vti.c; net/ipv6/sit.c, ip6_tunnel.c, ip6_gre.c, ip6_vti.c).
 */
const FALLBACK_DEVICES: ReadonlySet<string> = new Set([
  'tunl0',
  'gre0',
  'gretap0',
  'erspan0',
  'ip_vti0',
  'sit0',
  'ip6tnl0',
  'ip6gre0',
  'ip6_vti0',
]);

/**
 * The first rule that is for a container and this interface of it, else what its labels ask for.
 * `rules` are in the order in which they are tried.
 */
export function rulingFor(
  container: Container,
  one: MatchedInterface,
  rules: readonly NamedRule[],
  labels: Impairment | undefined,
): Ruling | undefined {
  for (const { name, rule } of rules) {
    if (
      isFor(rule.interface, one) &&
      matchesContainer(rule.match, container) &&
      isInNetwork(rule.match, one)
    ) {
      return { rule: name, impairment: rule.impairment };
    }
  }
  return labels && isFor(undefined, one) ? { rule: 'labels', impairment: labels } : undefined;
}

/** Whether a rule's interfaces, or all but lo and idle tunnels where it names none, include this one. */
function isFor(glob: string | undefined, { name, up }: MatchedInterface): boolean {
  if (glob !== undefined) return matchesGlob(name, glob);
  return name !== 'lo' && (up || !FALLBACK_DEVICES.has(name));
}
