import {
  type Direction,
  exactDirection,
  type LabDevice,
  type LabRouter,
  LINK_CONDITIONS,
  type LinkCondition,
  LinkConditionName,
  summarize,
} from '@netweir/api';

/** `wifi`, `delay 20ms · loss 1%`; empty where nothing is done. */
export function conditionText(condition: LinkCondition | null): string {
  if (condition === null) return '';
  return presetOf(condition) ?? summarize(condition as Direction);
}

/** The name of what a way does; undefined where it has none. */
export function presetOf(condition: LinkCondition): LinkConditionName | undefined {
  if (typeof condition === 'string') return condition;
  const exact = exactText(condition);
  return LinkConditionName.options.find((name) => exactText(LINK_CONDITIONS[name]) === exact);
}

function exactText(direction: Direction): string {
  return JSON.stringify(exactDirection(direction), (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

/** The name of a kind, or that it is nobody's kind. */
export function kindText(kind: string | object): string {
  return typeof kind === 'string' ? kind : 'custom';
}

/** An address or a prefix of each family, of those that there are. */
export function bothText({ ipv4, ipv6 }: Pick<LabDevice, 'ipv4' | 'ipv6'>): string {
  return [ipv4, ipv6].filter(Boolean).join(' ') || 'none';
}

export interface Mark {
  readonly of: 'nat' | 'firewall' | 'pmtu';
  readonly text: string;
}

/** What a router does besides forwarding. */
export function marksOf(router: LabRouter): readonly Mark[] {
  const { nat, natV6, firewall, blockFragNeeded } = router;
  return [
    ...(nat === 'none' ? [] : [{ of: 'nat', text: `NAT ${kindText(nat)}` } as const]),
    ...(natV6 === 'none' ? [] : [{ of: 'nat', text: natV6 } as const]),
    ...(firewall === 'none' ? [] : [{ of: 'firewall', text: kindText(firewall) } as const]),
    ...(blockFragNeeded ? [{ of: 'pmtu', text: 'no frag-needed' } as const] : []),
  ];
}

/** The protocols of a router's network. */
export const IP_TEXTS: Readonly<Record<LabRouter['ip'], string>> = {
  'dual-stack': 'IPv4 + IPv6',
  'v4-only': 'IPv4',
  'v6-only': 'IPv6',
};
