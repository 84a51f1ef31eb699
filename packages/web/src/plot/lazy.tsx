import { lazy, type ReactNode, Suspense } from 'react';
import type { Rates } from '../live/rates.ts';
import type { RoundTripPlotProps } from './round-trip-plot.tsx';

const LazyRoundTrip = lazy(() => import('./round-trip-plot.tsx'));
const LazyRate = lazy(() => import('./rate-plot.tsx'));

/** The plots come in a chunk of their own; their place is kept free until then. */
export function RoundTripPlot(props: RoundTripPlotProps): ReactNode {
  return (
    <Suspense fallback={<div style={{ height: props.height }} />}>
      <LazyRoundTrip {...props} />
    </Suspense>
  );
}

export function RatePlot(props: { label: string; rates: Rates }): ReactNode {
  return (
    <Suspense fallback={<div style={{ height: 190 }} />}>
      <LazyRate {...props} />
    </Suspense>
  );
}
