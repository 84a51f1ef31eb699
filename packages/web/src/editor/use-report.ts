import type { ImpairmentReport, InterfaceRef } from '@netweir/api';
import { type QueryClient, useQuery } from '@tanstack/react-query';
import { daemon } from '../connection/daemon.ts';

const IMPAIRED_MS = 2000;
const CALM_MS = 10_000;

function keyOf({ space, interface: name }: InterfaceRef): readonly string[] {
  return ['impairment', space, name];
}

/** What an interface reports, again every other second while something is done there. */
export function useReport(ref: InterfaceRef, isImpaired: boolean): ImpairmentReport | undefined {
  const { data } = useQuery({
    queryKey: [...keyOf(ref), isImpaired],
    queryFn: () => daemon.impairment(ref),
    placeholderData: (before: ImpairmentReport | undefined) => before,
    refetchInterval: isImpaired ? IMPAIRED_MS : CALM_MS,
  });
  return data;
}

/** What a change has answered is what is in force, before the next report. */
export function takeReport(client: QueryClient, ref: InterfaceRef, report: ImpairmentReport): void {
  client.setQueriesData({ queryKey: keyOf(ref) }, report);
}
