import { Button } from '@mantine/core';
import type { ImpairmentReport } from '@netweir/api';
import { Check } from 'lucide-react';
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { type Deed, type Doer, deedsOf } from '../form/outcome.ts';
import { statementOf } from '../form/wanted.ts';
import { type InForce, isImpaired, type Way } from '../form/ways.ts';
import classes from './editor.module.css';
import type { EditorState } from './use-editor.ts';

/** Apply and Clear, and what came of them. */
export function Actions({ state, now }: { state: EditorState; now: InForce }): ReactNode {
  const { apply, clear, wanted } = state;
  const pending = apply.isPending || clear.isPending;
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
        <Button type="submit" disabled={!wanted.ok || pending} loading={apply.isPending}>
          Apply
        </Button>
        <Button
          variant="default"
          disabled={!isImpaired(now) || pending}
          loading={clear.isPending}
          onClick={() => clear.mutate()}
        >
          Clear
        </Button>
        {!apply.data && !clear.data && (
          <span className={classes.wanted}>
            {wanted.ok ? <Statement parts={statementOf(wanted.impairment, now)} /> : wanted.reason}
          </span>
        )}
      </div>
    </div>
  );
}

/** Breaks lines between the parts, if there is room for each. */
function Statement({ parts }: { parts: readonly string[] }): ReactNode {
  return parts.map((part, at) => (
    <Fragment key={part}>
      {at > 0 && ' · '}
      <span className={classes.part}>{part}</span>
    </Fragment>
  ));
}

function Outcome({ report }: { report: ImpairmentReport }): ReactNode {
  const deeds = deedsOf(report);
  return (
    <p className={classes.outcome} role="status">
      <Check size={16} aria-hidden />
      {deeds.length > 0 ? (
        <span>
          Done.
          {deeds.map((deed) => (
            <DeedText key={deed.doer} deed={deed} />
          ))}
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

const DOERS: Readonly<Record<Doer, string>> = {
  kernel: 'The kernel reports',
  userspace: 'The userspace engine does',
};
const OBJECTS: Readonly<Record<Way, string>> = {
  egress: 'on what is sent',
  ingress: 'on what is received',
};

function DeedText({ deed }: { deed: Deed }): ReactNode {
  return (
    <>
      {` ${DOERS[deed.doer]} `}
      {deed.parts.map(({ way, summary }, at) => (
        <Fragment key={way}>
          {at > 0 && ', and '}
          <strong>{summary}</strong> {OBJECTS[way]}
        </Fragment>
      ))}
      .
    </>
  );
}
