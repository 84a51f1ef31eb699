import type { Direction } from '../impairment/schema.ts';
import type { LinkConditionName } from './link-condition.ts';

/** What one direction of a link does that has a name: every packet waits `delay`, give or take `jitter`. */
export const LINK_CONDITIONS: Readonly<Record<LinkConditionName, Direction>> = {
  lan: {},
  wifi: link('5ms', '2ms', '0.1%'),
  'wifi-bad': link('40ms', '15ms', '2%', '20mbit'),
  'mobile-4g': link('25ms', '8ms', '0.5%'),
  'mobile-3g': link('100ms', '30ms', '2%', '2mbit'),
  satellite: link('40ms', '7ms', '1%'),
  'satellite-geo': link('300ms', '20ms', '0.5%', '25mbit'),
};

function link(mean: string, jitter: string, probability: string, rate?: string): Direction {
  return {
    delay: { mean, jitter },
    loss: { model: 'random', probability },
    ...(rate !== undefined && { rate: { rate } }),
  };
}
