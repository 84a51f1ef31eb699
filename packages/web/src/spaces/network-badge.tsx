import type { InterfaceNetwork } from '@netweir/api';
import type { ReactNode } from 'react';
import { Badge } from './badge.tsx';

export const INTERNAL_MEANS = 'No way out: its containers reach one another and nothing else.';

/** The network that an interface belongs to. */
export function NetworkBadge({ network }: { network: InterfaceNetwork }): ReactNode {
  return (
    <>
      <Badge>{network.name}</Badge>
      {network.internal && <InternalBadge />}
    </>
  );
}

export function InternalBadge(): ReactNode {
  return (
    <Badge tone="warn" explanation={INTERNAL_MEANS}>
      internal
    </Badge>
  );
}
