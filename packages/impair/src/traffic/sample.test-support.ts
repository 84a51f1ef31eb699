import { isNetweirError, type TrafficMatch } from '@netweir/api';
import fc from 'fast-check';
import type { Way } from '../engine/hook.ts';
import { filtersOf } from './filters.ts';
import { frameOfPacket, matches, packets } from './packet.test-support.ts';
import { termsOf } from './term.ts';

/** Rules and frames to try them with. */
export interface Sample {
  readonly rules: readonly TrafficMatch[];
  readonly frames: readonly Uint8Array[];
}

const RULES = 8;
const FRAMES = 400;

/** Some rules of which each fits, with either classifier, and some frames, IP and others. */
export function sampleOf(seed: number, way: Way, { plain }: { plain: boolean }): Sample {
  const rule = matches.filter((match) => fits(match, way));
  const frame = fc.oneof(
    {
      weight: 20,
      arbitrary: packets({ plain })
        // What writes tags into frames that it sends itself comes without a network header to go by.
        .map((packet) => (way === 'egress' ? { ...packet, vlanTags: 0 } : packet))
        .map(frameOfPacket),
    },
    { weight: 1, arbitrary: fc.constant(ARP) },
  );
  const rules = fc.array(rule, { minLength: RULES, maxLength: RULES });
  const frames = fc.array(frame, { minLength: FRAMES, maxLength: FRAMES });
  const [sample] = fc.sample(fc.record({ rules, frames }), { seed, numRuns: 1 });
  return sample ?? { rules: [], frames: [] };
}

const ARP = Uint8Array.from([
  ...[255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 0x08, 0x06],
  ...[0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2],
]);

function fits(match: TrafficMatch, way: Way): boolean {
  try {
    return filtersOf(termsOf(match, new Map(), way), 'u32').length <= 32;
  } catch (error) {
    if (isNetweirError(error)) return false;
    throw error;
  }
}
