import { Switch } from '@mantine/core';
import type { EngineChoice } from '@netweir/api';
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { GuardChoice } from '../form/wanted.ts';
import { type Choice, ChoiceField } from './choice-field.tsx';
import classes from './editor.module.css';
import { LeaseField } from './lease.tsx';
import type { FieldsState } from './use-fields.ts';

const ENGINES: readonly Choice<EngineChoice>[] = [
  {
    value: 'auto',
    label: 'Automatic',
    explanation: "The kernel where it can do all that is set, otherwise netweir's own engine.",
  },
  {
    value: 'kernel',
    label: 'Kernel',
    explanation: "The kernel's own qdiscs, netem or tbf; what is received passes them in an ifb.",
  },
  {
    value: 'userspace',
    label: 'Userspace',
    explanation: "netweir's own engine, in both directions, without any kernel module.",
  },
];

const GUARDS: readonly Choice<GuardChoice>[] = [
  {
    value: 'auto',
    label: 'Pass it',
    explanation:
      'Where this page reaches the host by the interface, its own connection passes untouched.',
  },
  {
    value: 'provisional',
    label: 'Try it',
    explanation:
      'Where this page reaches the host by the interface, what was there before comes back after 30 s unless you confirm.',
  },
  {
    value: 'off',
    label: 'Off',
    explanation: 'This page may lose the host, and you the way to clear it.',
  },
];

/** For how long, who does it, whether it outlives the daemon, and what it may do to the page's own connection. */
export function Options({ state }: { state: FieldsState }): ReactNode {
  const { lease, setLease, expiresAt, engine, setEngine, persist, setPersist, guard } = state;
  const chosen = [
    engine !== 'auto' && `engine: ${engine}`,
    persist && 'persistent',
    guard !== 'auto' && `guard: ${guard}`,
  ].filter(Boolean);
  return (
    <>
      <LeaseField lease={lease} hasEnd={expiresAt !== null} onChange={setLease} />
      <details className={classes.advanced}>
        <summary>
          <ChevronRight size={16} aria-hidden />
          Options
          {chosen.length > 0 && <span className={classes.hint}>{chosen.join(' · ')}</span>}
        </summary>
        <ChoiceField label="Engine" choices={ENGINES} value={engine} onChange={setEngine} />
        <ChoiceField
          label="This page's own connection"
          choices={GUARDS}
          value={guard}
          onChange={state.setGuard}
        />
        <Switch
          mt="sm"
          size="sm"
          label="Keep it when the daemon ends"
          description="The next daemon takes it over. Only what the kernel does can stay."
          checked={persist}
          onChange={({ currentTarget }) => setPersist(currentTarget.checked)}
        />
      </details>
    </>
  );
}
