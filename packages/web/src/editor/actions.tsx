import { Button } from '@mantine/core';
import { type ImpairmentReport, summarize } from '@netweir/api';
import { Check } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { ErrorPanel } from '../connection/error-panel.tsx';
import classes from './editor.module.css';
import type { EditorState } from './use-editor.ts';

/** Apply and Clear, and what came of them. */
export function Actions({ state, impaired }: { state: EditorState; impaired: boolean }): ReactNode {
  const { apply, clear, checked, leaseError } = state;
  const pending = apply.isPending || clear.isPending;
  const isReady = checked.ok && !checked.untouched && leaseError === undefined;
  const error = apply.error ?? clear.error;
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) bar.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  return (
    <div className={classes.actions} ref={bar}>
      {error && <ErrorPanel error={error} />}
      {apply.data && <Outcome report={apply.data} />}
      {clear.data && <Outcome report={clear.data} />}
      <div className={classes.buttons}>
        <Button type="submit" disabled={!isReady || pending} loading={apply.isPending}>
          Apply
        </Button>
        <Button
          variant="default"
          disabled={!impaired || pending}
          loading={clear.isPending}
          onClick={() => clear.mutate()}
        >
          Clear
        </Button>
        {!apply.data && !clear.data && <span className={classes.wanted}>{wanted(state)}</span>}
      </div>
    </div>
  );
}

function wanted({ checked, leaseError }: EditorState): string {
  if (!checked.ok || leaseError !== undefined) return 'A field above needs another value.';
  return checked.untouched ? 'Set a value above.' : summarize(checked.direction);
}

function Outcome({ report }: { report: ImpairmentReport }): ReactNode {
  return (
    <p className={classes.outcome} role="status">
      <Check size={16} aria-hidden />
      {report.egress ? (
        <span>
          Done. The kernel reports <strong>{summarize(report.egress)}</strong>.
        </span>
      ) : (
        <span>
          Cleared. The interface is as it was
          {report.original === null ? '' : `, with ${report.original}`}.
        </span>
      )}
    </p>
  );
}
