import type { Interface } from '@netweir/api';
import { type ReactNode, useMemo } from 'react';
import { Actions } from './actions.tsx';
import classes from './editor.module.css';
import { Fields } from './fields.tsx';
import { useCapabilities } from './means.tsx';
import { Now } from './now.tsx';
import { useEditor } from './use-editor.ts';

/** What an interface does to its packets: what is, what is wanted each way, Apply and Clear. */
export function Editor({ space, subject }: { space: string; subject: Interface }): ReactNode {
  const reference = useMemo(() => ({ space, interface: subject.name }), [space, subject.name]);
  const capabilities = useCapabilities();
  const state = useEditor(reference, subject, capabilities);
  return (
    <form
      className={classes.editor}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        state.apply.mutate();
      }}
    >
      <Now reference={reference} subject={subject} />
      <Fields state={state} capabilities={capabilities} />
      <Actions state={state} now={subject} />
    </form>
  );
}
