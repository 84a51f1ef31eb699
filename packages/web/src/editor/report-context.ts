import type { ImpairmentReport } from '@netweir/api';
import { createContext } from 'react';

/** What the interface that is edited reports; undefined where many are, or none has yet. */
export const ReportContext = createContext<ImpairmentReport | undefined>(undefined);
