import { Switch } from '@mantine/core';
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import classes from './editor.module.css';
import { EngineField } from './engine-field.tsx';
import { LeaseField } from './lease.tsx';
import type { FieldsState } from './use-fields.ts';

/** For how long, who does it, and whether it outlives the daemon. */
export function Options({ state }: { state: FieldsState }): ReactNode {
  const { lease, setLease, expiresAt, engine, setEngine, persist, setPersist } = state;
  const chosen = [engine !== 'auto' && `engine: ${engine}`, persist && 'persistent'].filter(
    Boolean,
  );
  return (
    <>
      <LeaseField lease={lease} hasEnd={expiresAt !== null} onChange={setLease} />
      <details className={classes.advanced}>
        <summary>
          <ChevronRight size={16} aria-hidden />
          Options
          {chosen.length > 0 && <span className={classes.hint}>{chosen.join(' · ')}</span>}
        </summary>
        <EngineField engine={engine} onChange={setEngine} />
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
