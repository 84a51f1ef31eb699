import type { ReactNode } from 'react';
import type { Rates } from '../live/rates.ts';
import { RatePlot } from '../plot/lazy.tsx';
import { bitRate } from '../text/format.ts';
import detail from './detail.module.css';

/** What an interface receives and sends: now as numbers, and the last minute as a plot. */
export function RatesNow({ rates }: { rates: Rates }): ReactNode {
  const rx = bitRate(rates.rxBitPerSec.at(-1) ?? 0);
  const tx = bitRate(rates.txBitPerSec.at(-1) ?? 0);
  return (
    <>
      <p className={detail.legend}>
        <span data-way="rx">
          receives <strong>{rx}</strong>
        </span>
        <span data-way="tx">
          sends <strong>{tx}</strong>
        </span>
      </p>
      <RatePlot label={`Rates of the last minute: receives ${rx}, sends ${tx}`} rates={rates} />
    </>
  );
}
