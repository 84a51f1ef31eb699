import { useComputedColorScheme } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type uPlot from 'uplot';
import type { Options } from 'uplot';
import type { Rates } from '../live/rates.ts';
import { bitRate } from '../text/format.ts';
import { type Colour, fromZero, lastMinute, line, timeAxis, yAxis } from './axes.ts';
import { Plot } from './plot.tsx';

/** Both rates of the last minute: received as an area, sent as a line over it. */
export default function RatePlot({ label, rates }: { label: string; rates: Rates }): ReactNode {
  const scheme = useComputedColorScheme('light');
  const data = useMemo<uPlot.AlignedData>(
    () => [rates.atMs.map((ms) => ms / 1000), [...rates.rxBitPerSec], [...rates.txBitPerSec]],
    [rates],
  );
  return <Plot label={label} height={190} data={data} scheme={scheme} options={optionsOf} />;
}

function optionsOf(colour: Colour): Omit<Options, 'width' | 'height'> {
  return {
    cursor: { show: false },
    legend: { show: false },
    padding: [8, 16, 0, 0],
    scales: { x: lastMinute, y: fromZero(8000) },
    axes: [timeAxis(colour), yAxis(colour, bitRate, 78)],
    series: [{}, line(colour('--nw-rx'), true), line(colour('--nw-tx'), false)],
  };
}
