import { useComputedColorScheme } from '@mantine/core';
import type { ProbeSample } from '@netweir/api';
import { type ReactNode, useMemo } from 'react';
import type uPlot from 'uplot';
import type { Options } from 'uplot';
import { type Colour, fromZero, lastMinute, line, timeAxis, yAxis } from './axes.ts';
import { Plot } from './plot.tsx';

export interface RoundTripPlotProps {
  readonly label: string;
  readonly samples: readonly ProbeSample[];
  readonly height: number;
}

/** Round-trip times of the last minute, with a mark where an echo was lost. */
export default function RoundTripPlot({ label, samples, height }: RoundTripPlotProps): ReactNode {
  const scheme = useComputedColorScheme('light');
  const data = useMemo<uPlot.AlignedData>(
    () => [samples.map((one) => one.sentAtMs / 1000), samples.map((one) => one.rttMs)],
    [samples],
  );
  return <Plot {...{ label, height, data, scheme }} options={optionsOf} />;
}

function optionsOf(colour: Colour): Omit<Options, 'width' | 'height'> {
  return {
    cursor: { show: false },
    legend: { show: false },
    padding: [8, 16, 0, 0],
    scales: { x: lastMinute, y: fromZero(1) },
    axes: [timeAxis(colour), yAxis(colour, (value) => `${value} ms`, 52)],
    series: [{}, line(colour('--nw-rtt'), true)],
    hooks: { draw: [(plot) => markLost(plot, colour('--nw-bad'))] },
  };
}

function markLost(plot: uPlot, colour: string): void {
  const [times, values] = plot.data;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  for (const [at, time] of times.entries()) {
    if (values?.[at] !== null) continue;
    const x = plot.valToPos(time, 'x', true);
    if (x >= bbox.left) ctx.fillRect(x - 1, bbox.top + bbox.height * 0.82, 2.5, bbox.height * 0.18);
  }
  ctx.restore();
}
