import { Alert, Button, Text } from '@mantine/core';
import type { InterfaceRef } from '@netweir/api';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNow } from '../connection/clock.ts';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { countdown } from '../text/format.ts';
import { useConfirmation } from './use-change.ts';

interface NoticeProps {
  readonly title: string;
  readonly children: ReactNode;
}

function Notice({ title, children }: NoticeProps): ReactNode {
  return (
    <Alert
      color="yellow"
      p="sm"
      bg="var(--nw-impaired-soft)"
      styles={{ title: { color: 'var(--nw-impaired)' }, icon: { color: 'var(--nw-impaired)' } }}
      icon={<TriangleAlert size={18} aria-hidden />}
      title={title}
      role="alert"
    >
      {children}
    </Alert>
  );
}

/** That somebody else has changed what netweir had set, and what can be done then. */
export function ChangedElsewhere({ change }: { change: string }): ReactNode {
  return (
    <Notice title="Changed by somebody else">
      <Text size="sm">{change.charAt(0).toUpperCase() + change.slice(1)}.</Text>
      <Text size="sm" mt={6}>
        <strong>What to do: </strong>
        leave it as it is; or Apply what stands below, or Clear. netweir goes over the other change
        only when you say so again.
      </Text>
    </Notice>
  );
}

export interface ProvisionalProps {
  readonly reference: InterfaceRef;
  /** When the change takes itself back. */
  readonly until: string;
}

/** That a change takes itself back unless somebody who still gets through confirms it. */
export function Provisional({ reference, until }: ProvisionalProps): ReactNode {
  const nowMs = useNow();
  const confirmation = useConfirmation(reference);
  return (
    <Notice title="Only for now">
      <Text size="sm">
        This interface carries your own connection, so what was there before comes back in{' '}
        <strong className="tabular" role="timer">
          {countdown(Date.parse(until) - nowMs)}
        </strong>
        , unless you still get through and confirm the change.
      </Text>
      {confirmation.isError && <ErrorPanel error={confirmation.error} />}
      <Button
        mt={10}
        size="xs"
        loading={confirmation.isPending}
        onClick={() => confirmation.mutate()}
      >
        Confirm
      </Button>
    </Notice>
  );
}
