import type { ReactNode } from 'react';
import { useRates } from '../../connection/daemon.ts';
import detail from '../../detail/detail.module.css';
import { RatePlot } from '../../plot/lazy.tsx';
import { bitRate } from '../../text/format.ts';
import { Part } from './part.tsx';

/** What an interface of a node receives and sends. */
export function Traffic({ space, ifindex }: { space: string; ifindex: number }): ReactNode {
  const rates = useRates(space, ifindex);
  const rx = bitRate(rates.rxBitPerSec.at(-1) ?? 0);
  const tx = bitRate(rates.txBitPerSec.at(-1) ?? 0);
  return (
    <Part title="Traffic">
      <p className={detail.legend}>
        <span data-way="rx">
          receives <strong>{rx}</strong>
        </span>
        <span data-way="tx">
          sends <strong>{tx}</strong>
        </span>
      </p>
      <RatePlot label={`Rates of the last minute: receives ${rx}, sends ${tx}`} rates={rates} />
    </Part>
  );
}
