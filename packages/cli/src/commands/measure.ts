import { type Inventory, type MeasurementRequest, selectSpace } from '@netweir/api';
import type { Context } from '../context.ts';
import { parseFrom, parseTo } from '../measure-end.ts';
import { printJson } from '../output/json.ts';
import { renderMeasurement } from '../output/measurement.ts';

export interface MeasureFlags {
  readonly duration?: string;
  readonly throughput?: boolean;
}

/** `netweir measure FROM TO`; 1 where what was measured differs from what is set. */
export async function measure(
  { terminal, json, connect }: Context,
  from: string,
  to: string,
  { duration, throughput }: MeasureFlags,
): Promise<number> {
  const ends = { from: parseFrom(from), to: parseTo(to) };
  await using connection = await connect();
  const { netweir } = connection;
  const inventory = await netweir.inventory();
  const measurement = await netweir.measure({
    from: named(inventory, ends.from),
    to: 'space' in ends.to ? named(inventory, ends.to) : ends.to,
    ...(duration !== undefined && { duration }),
    ...(throughput !== undefined && { throughput }),
  });
  if (json) printJson(terminal, measurement);
  else terminal.out(renderMeasurement(measurement, terminal));
  return measurement.verdict === 'differs' ? 1 : 0;
}

type End = MeasurementRequest['from'];

/** By the id of the space, which may have been given by another of its names. */
function named(inventory: Inventory, end: End): End {
  return { ...end, space: selectSpace(inventory, end.space).id };
}
