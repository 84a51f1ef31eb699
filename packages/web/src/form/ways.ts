import type { Direction } from '@netweir/api';

/** The two directions of an interface's packets, as seen from it. */
export type Way = 'egress' | 'ingress';

export const WAYS: readonly Way[] = ['egress', 'ingress'];

/** What the page calls them. */
export const WAY_NAMES: Readonly<Record<Way, string>> = { egress: 'Sends', ingress: 'Receives' };

export const OTHER_WAY: Readonly<Record<Way, Way>> = { egress: 'ingress', ingress: 'egress' };

/** One thing for each of the two. */
export type PerWay<T> = Readonly<Record<Way, T>>;

/** What is in force on an interface; null where netweir does nothing. */
export type InForce = PerWay<Direction | null>;

/** Whether netweir does anything, if only to part of the traffic. */
export function isImpaired({
  egress,
  ingress,
  trafficRules = 0,
}: InForce & { readonly trafficRules?: number }): boolean {
  return egress !== null || ingress !== null || trafficRules > 0;
}
