import type { LabChange, LabEvent } from '@netweir/api';
import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { type Context, createContext, useContext } from 'react';
import { daemon } from '../connection/daemon.ts';

/** The lab whose panel this is. */
export const LabContext: Context<string> = createContext('');

export type Change = UseMutationResult<LabEvent[], Error, LabChange>;

/** Changes the lab; what is shown follows once the daemon tells that it has happened. */
export function useChange(): Change {
  const lab = useContext(LabContext);
  return useMutation({ mutationFn: (change: LabChange) => daemon.changeLab(lab, change) });
}
