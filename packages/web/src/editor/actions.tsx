import { Button } from '@mantine/core';
import { type ImpairmentReport, type InterfaceRef, isNetweirError } from '@netweir/api';
import { Check, Undo2 } from 'lucide-react';
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { type Deed, type Doer, deedsOf } from '../form/outcome.ts';
import { statementOf } from '../form/wanted.ts';
import { isImpaired, type Way } from '../form/ways.ts';
import { count } from '../text/format.ts';
import classes from './editor.module.css';
import { Provisional } from './notices.tsx';
import type { EditorState } from './use-editor.ts';

export interface ActionsProps {
  readonly reference: InterfaceRef;
  readonly state: EditorState;
  readonly now: Parameters<typeof isImpaired>[0];
}

/** Apply, Clear and Undo, and what came of them. */
export function Actions({ reference, state, now }: ActionsProps): ReactNode {
  const { change, wanted, isKnown } = state;
  const { isPending, error, report, request } = change;
  const until = state.report?.provisionalUntil;
  const isBusyWith = (verb: string): boolean => isPending && request?.verb === verb;
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error) bar.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  return (
    <div className={classes.actions} ref={bar}>
      {error && <Failure error={error} onReplace={state.replace} />}
      {report && <Outcome report={report} />}
      {typeof until === 'string' && <Provisional reference={reference} until={until} />}
      <div className={classes.buttons}>
        <Button
          type="submit"
          disabled={!wanted.ok || !isKnown || isPending}
          loading={isBusyWith('apply')}
        >
          Apply
        </Button>
        <Button
          variant="default"
          disabled={!isImpaired(now) || isPending}
          loading={isBusyWith('clear')}
          onClick={state.clear}
        >
          Clear
        </Button>
        {change.former && (
          <Button
            variant="subtle"
            px="xs"
            leftSection={<Undo2 size={16} aria-hidden />}
            disabled={isPending}
            loading={isBusyWith('undo')}
            onClick={state.undo}
          >
            Undo
          </Button>
        )}
        {!report && (
          <span className={classes.wanted}>
            {wanted.ok ? <Statement parts={statementOf(wanted.impairment, now)} /> : wanted.reason}
          </span>
        )}
      </div>
    </div>
  );
}

const REPLACEABLE: readonly string[] = ['changed-elsewhere', 'original-not-restorable'];

interface FailureProps {
  readonly error: Error;
  readonly onReplace: () => void;
}

/** Why it failed, and where it can be had all the same, the button for that. */
function Failure({ error, onReplace }: FailureProps): ReactNode {
  const isReplaceable = isNetweirError(error) && REPLACEABLE.includes(error.code);
  return (
    <>
      <ErrorPanel error={error} />
      {isReplaceable && (
        <Button variant="default" size="xs" justify="center" onClick={onReplace}>
          Go on all the same
        </Button>
      )}
    </>
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
  const { rules } = report;
  return (
    <p className={classes.outcome} role="status">
      <Check size={16} aria-hidden />
      {deeds.length > 0 || rules.length > 0 ? (
        <span>
          Done.
          {deeds.map((deed) => (
            <DeedText key={deed.doer} deed={deed} />
          ))}
          {rules.length > 0 && ` ${count(rules.length, 'rule')} for part of the traffic.`}
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
