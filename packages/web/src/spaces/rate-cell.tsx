import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { useRates } from '../connection/daemon.ts';
import { NO_RATES, type Rates } from '../live/rates.ts';
import { bitRate } from '../text/format.ts';
import classes from './spaces.module.css';
import { Sparkline } from './sparkline.tsx';

export interface RateCellsProps {
  readonly space: string;
  readonly ifindex: number;
  /** Whether anybody can see them: otherwise samples redraw nothing. */
  readonly isLive: boolean;
}

/** What an interface receives and sends now, each with its last minute. */
export function RateCells({ space, ifindex, isLive }: RateCellsProps): ReactNode {
  return isLive ? <LiveCells space={space} ifindex={ifindex} /> : <Cells rates={NO_RATES} />;
}

function LiveCells({ space, ifindex }: { space: string; ifindex: number }): ReactNode {
  return <Cells rates={useRates(space, ifindex)} />;
}

function Cells({ rates: { rxBitPerSec, txBitPerSec } }: { rates: Rates }): ReactNode {
  return (
    <>
      <RateCell way="rx" values={rxBitPerSec} />
      <RateCell way="tx" values={txBitPerSec} />
    </>
  );
}

function RateCell({ way, values }: { way: 'rx' | 'tx'; values: readonly number[] }): ReactNode {
  const Arrow = way === 'rx' ? ArrowDown : ArrowUp;
  return (
    <div className={classes.rate} data-way={way}>
      <Sparkline values={values} />
      <span className={classes.figure}>
        <Arrow size={13} aria-label={way === 'rx' ? 'receives' : 'sends'} />
        {values.length === 0 ? '–' : bitRate(values.at(-1) ?? 0)}
      </span>
    </div>
  );
}
