import type { Axis, Scale, Series } from 'uplot';

/** How much of the past a graph shows. */
const WINDOW_S = 60;

const FONT = '11px Inter, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export type Colour = (name: string) => string;

/** Time runs to the right and the newest sample is at the edge. */
export const lastMinute: Scale = { time: true, range: (_plot, _min, max) => [max - WINDOW_S, max] };

/** From zero, with room above, and never so close that noise fills the graph. */
export function fromZero(leastTop: number): Scale {
  return { range: (_plot, _min, max) => [0, Math.max(leastTop, (max ?? 0) * 1.15)] };
}

export function yAxis(colour: Colour, format: (value: number) => string, size: number): Axis {
  return {
    size,
    gap: 6,
    space: 24,
    stroke: colour('--nw-muted'),
    font: FONT,
    grid: { stroke: colour('--nw-line'), width: 1 },
    ticks: { show: false },
    values: (_plot, values) => values.map(format),
  };
}

export function timeAxis(colour: Colour): Axis {
  return {
    size: 24,
    gap: 4,
    space: 70,
    stroke: colour('--nw-muted'),
    font: FONT,
    grid: { show: false },
    ticks: { show: false },
    values: (plot, values) => {
      const newest = plot.scales.x?.max ?? 0;
      return values.map((value) => agoText(Math.round(newest - value)));
    },
    splits: (_plot, _axis, _min, max) => [60, 45, 30, 15, 0].map((ago) => max - ago),
  };
}

export function line(colour: string, filled: boolean): Series {
  return {
    stroke: colour,
    width: 1.75,
    points: { show: false },
    ...(filled && { fill: `color-mix(in srgb, ${colour} 16%, transparent)` }),
  };
}

function agoText(seconds: number): string {
  if (seconds <= 0) return 'now';
  return seconds >= 58 ? '' : `−${seconds} s`;
}
