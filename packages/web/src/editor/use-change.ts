import type { Impairment, ImpairmentReport, InterfaceRef } from '@netweir/api';
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { daemon } from '../connection/daemon.ts';
import { type Former, formerOf } from '../form/former.ts';
import { UndoBook } from '../live/undo-book.ts';
import { takeReport } from './use-report.ts';

const undoBook = new UndoBook();

/** What a button does: puts values in force, ends them, takes the last change back, or changes their time. */
export type Verb = 'apply' | 'clear' | 'undo' | 'time';

export interface ChangeRequest {
  readonly verb: Verb;
  /** What is asked for; null is to clear. */
  readonly impairment: Impairment | null;
  /** Goes over what it would be refused for. */
  readonly replace?: boolean;
}

export interface Change {
  readonly start: (request: ChangeRequest) => void;
  /** The last one that was started, until `forget`. */
  readonly request: ChangeRequest | undefined;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly report: ImpairmentReport | undefined;
  readonly forget: () => void;
  /** What was before the last change from this page. */
  readonly former: Former | undefined;
}

/** Changes an interface, and notes what was there before so that it can be put back. */
export function useChange(
  ref: InterfaceRef,
  onDone: (report: ImpairmentReport, verb: Verb) => void,
): Change {
  const client = useQueryClient();
  const former = useSyncExternalStore(
    undoBook.subscribe,
    useCallback(() => undoBook.of(ref), [ref]),
  );
  const mutation = useMutation({
    mutationFn: async ({ impairment, replace = false }: ChangeRequest) => {
      const before = formerOf(await daemon.impairment(ref));
      const report = impairment
        ? await daemon.setImpairment(ref, { ...impairment, ...(replace && { replace }) })
        : await daemon.clearImpairment(ref, { replace });
      undoBook.remember(ref, before);
      return report;
    },
    onSuccess: (report, { verb }) => {
      takeReport(client, ref, report);
      onDone(report, verb);
    },
  });
  return {
    start: mutation.mutate,
    request: mutation.variables,
    isPending: mutation.isPending,
    error: mutation.error,
    report: mutation.data,
    forget: mutation.reset,
    former,
  };
}

/** Makes a provisional change last. */
export function useConfirmation(
  ref: InterfaceRef,
): UseMutationResult<ImpairmentReport, Error, void> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => daemon.confirmImpairment(ref),
    onSuccess: (report) => takeReport(client, ref, report),
  });
}
