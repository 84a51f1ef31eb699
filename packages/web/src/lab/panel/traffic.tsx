import type { ReactNode } from 'react';
import { useRates } from '../../connection/daemon.ts';
import { RatesNow } from '../../detail/rates-now.tsx';
import { Part } from './part.tsx';

/** What an interface of a node receives and sends. */
export function Traffic({ space, ifindex }: { space: string; ifindex: number }): ReactNode {
  return (
    <Part title="Traffic">
      <RatesNow rates={useRates(space, ifindex)} />
    </Part>
  );
}
