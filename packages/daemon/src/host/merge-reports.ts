import type { RestoreReport } from '@netweir/api';

/** What several have restored, as one. */
export function mergeReports(reports: readonly RestoreReport[]): RestoreReport {
  return {
    restored: reports.flatMap(({ restored }) => restored),
    skipped: reports.flatMap(({ skipped }) => skipped),
    failed: reports.flatMap(({ failed }) => failed),
  };
}
