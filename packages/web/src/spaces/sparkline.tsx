import { memo, type ReactNode } from 'react';
import { RATE_HISTORY } from '../live/rates.ts';
import classes from './spaces.module.css';

const HEIGHT = 24;
/** Below this the line stays low: a few packets are no mountain. */
const LEAST_TOP_BIT_PER_SEC = 10_000;

/** A minute of one rate as a small area; the figure stands beside it, so it is no image to readers. */
export const Sparkline = memo(function Sparkline({
  values,
}: {
  values: readonly number[];
}): ReactNode {
  const top = Math.max(LEAST_TOP_BIT_PER_SEC, ...values);
  const first = RATE_HISTORY - values.length;
  const points = values.map(
    (value, at) => `${first + at},${(HEIGHT - 1.5 - (value / top) * (HEIGHT - 4)).toFixed(2)}`,
  );
  const last = RATE_HISTORY - 1;
  return (
    <svg
      className={classes.sparkline}
      viewBox={`0 0 ${last} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <line x1="0" x2={last} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {points.length > 1 && (
        <>
          <polygon points={`${first},${HEIGHT} ${points.join(' ')} ${last},${HEIGHT}`} />
          <polyline points={points.join(' ')} />
        </>
      )}
    </svg>
  );
});
