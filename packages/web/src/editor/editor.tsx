import type { Interface } from '@netweir/api';
import { type ReactNode, useMemo } from 'react';
import { Actions } from './actions.tsx';
import { AdvancedSection } from './advanced-section.tsx';
import { EditingContext } from './editing.ts';
import classes from './editor.module.css';
import { LeaseField } from './lease.tsx';
import { LossSection } from './loss-section.tsx';
import { NoNetem, useCapabilities } from './no-netem.tsx';
import { Now } from './now.tsx';
import {
  CorruptSection,
  DelaySection,
  DuplicateSection,
  RateSection,
  ReorderSection,
} from './sections.tsx';
import { useEditor } from './use-editor.ts';

/** What an interface does to the packets that it sends: what is, what is wanted, Apply and Clear. */
export function Editor({ space, subject }: { space: string; subject: Interface }): ReactNode {
  const reference = useMemo(() => ({ space, interface: subject.name }), [space, subject.name]);
  const state = useEditor(reference, subject);
  const capabilities = useCapabilities();
  const netem = capabilities?.netem ?? true;
  return (
    <EditingContext value={{ ...state.editing, netem }}>
      <form
        className={classes.editor}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          state.apply.mutate();
        }}
      >
        <Now reference={reference} subject={subject} />
        {capabilities && !netem && <NoNetem capabilities={capabilities} />}
        {netem && <DelaySection />}
        {netem && <LossSection />}
        <RateSection />
        {!netem && <DelaySection />}
        {!netem && <LossSection />}
        <ReorderSection />
        <DuplicateSection />
        <CorruptSection />
        <AdvancedSection seedable={capabilities?.netemSeed ?? true} />
        <LeaseField lease={state.lease} error={state.leaseError} onChange={state.setLease} />
        <Actions state={state} impaired={subject.egress !== null} />
      </form>
    </EditingContext>
  );
}
