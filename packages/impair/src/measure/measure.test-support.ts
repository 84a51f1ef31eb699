import assert from 'node:assert/strict';
import type { Comparison, ImpairmentReport } from '@netweir/api';
import { FAR, NEAR, type Wire } from '../wire.test-support.ts';
import type { Measured, MeasureOptions } from './measure.ts';

interface MeasuredWire extends Pick<Wire, 'near' | 'far' | 'at'> {
  readonly impairer: { report(at: Wire['at']): ImpairmentReport };
}

/** From the near end of a wire to the far one. */
export function optionsOf(wire: MeasuredWire, durationMs: number): MeasureOptions {
  return {
    from: { namespace: wire.near, address: NEAR.ipv4 },
    to: { namespace: wire.far, address: FAR.ipv4 },
    durationMs,
    readWay: () => {
      const report = wire.impairer.report(wire.at);
      return {
        forward: [{ report, direction: 'egress' }],
        backward: [{ report, direction: 'ingress' }],
        isKnown: true,
        foreign: [],
      };
    },
  };
}

export function comparison(
  { comparisons }: Measured,
  heading: Comparison['heading'],
  quantity: Comparison['quantity'],
): Comparison {
  const found = comparisons.find((one) => one.heading === heading && one.quantity === quantity);
  return found ?? assert.fail(`no ${heading} ${quantity}: ${JSON.stringify(comparisons)}`);
}

/** Nothing that was compared differs; on a busy machine it may be unclear. */
export function assertNoneDiffers({ comparisons }: Measured): void {
  assert.deepEqual(
    comparisons.filter(({ verdict }) => verdict === 'differs'),
    [],
  );
}
