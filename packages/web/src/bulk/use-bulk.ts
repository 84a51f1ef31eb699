import type { InterfaceRef } from '@netweir/api';
import { useState } from 'react';
import { refKey } from '../live/choice.ts';
import { type Progress, runEach } from '../live/run-each.ts';

/** The daemon changes interfaces one after the other anyway; a few requests keep it busy. */
const AT_ONCE = 4;

export type Verb = 'impair' | 'clear';

/** One action on many interfaces, and how it stands with each. */
export interface Run {
  readonly verb: Verb;
  readonly items: readonly { readonly reference: InterfaceRef; readonly progress: Progress }[];
}

export interface Bulk {
  readonly run: Run | undefined;
  readonly isRunning: boolean;
  readonly start: (
    verb: Verb,
    references: readonly InterfaceRef[],
    act: (reference: InterfaceRef) => Promise<unknown>,
  ) => void;
  readonly forget: () => void;
}

export function useBulk(): Bulk {
  const [run, setRun] = useState<Run>();
  const isRunning = run?.items.some(({ progress }) => progress.state === 'waiting') ?? false;
  return {
    run,
    isRunning,
    start: (verb, references, act) => {
      const waiting: Progress = { state: 'waiting' };
      setRun({ verb, items: references.map((reference) => ({ reference, progress: waiting })) });
      void runEach(references, AT_ONCE, act, (reference, progress) =>
        setRun((now) => now && settled(now, reference, progress)),
      );
    },
    forget: () => {
      if (!isRunning) setRun(undefined);
    },
  };
}

function settled(run: Run, reference: InterfaceRef, progress: Progress): Run {
  const key = refKey(reference);
  return {
    ...run,
    items: run.items.map((item) => (refKey(item.reference) === key ? { ...item, progress } : item)),
  };
}
