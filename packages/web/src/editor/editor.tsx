import type { Interface } from '@netweir/api';
import { type ReactNode, useMemo } from 'react';
import { Actions } from './actions.tsx';
import classes from './editor.module.css';
import { Fields } from './fields.tsx';
import { useCapabilities } from './means.tsx';
import { ChangedElsewhere } from './notices.tsx';
import { Now } from './now.tsx';
import { ReportContext } from './report-context.ts';
import { useEditor } from './use-editor.ts';

/** What an interface does to its packets: what is, what is wanted each way, and what can be done. */
export function Editor({ space, subject }: { space: string; subject: Interface }): ReactNode {
  const reference = useMemo(() => ({ space, interface: subject.name }), [space, subject.name]);
  const capabilities = useCapabilities();
  const state = useEditor(reference, subject, capabilities);
  const { report, change } = state;
  return (
    <ReportContext value={report}>
      <form
        className={classes.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          state.apply();
        }}
      >
        {typeof report?.changedElsewhere === 'string' && (
          <ChangedElsewhere change={report.changedElsewhere} />
        )}
        <Now
          subject={subject}
          expiresAt={state.expiresAt}
          onProlong={change.isPending ? undefined : state.prolong}
        />
        <Fields state={state} capabilities={capabilities} />
        <Actions reference={reference} state={state} now={subject} />
      </form>
    </ReportContext>
  );
}
