import { isDeepStrictEqual } from 'node:util';
import {
  type Config,
  type Container,
  type Impairment,
  isNetweirError,
  matchesGlob,
} from '@netweir/api';
import type { DiscoveredSpace } from '@netweir/discovery';
import { impairmentOfLabels, labelTexts } from '../../rules/labels.ts';

/** What a container's labels ask for, or what is wrong with them. */
export interface LabelReading {
  readonly texts: readonly (string | undefined)[];
  readonly impairment?: Impairment | undefined;
  readonly problem?: string;
}

/** Whether labels of containers in this space count. */
export function labelsCount({ containers }: Config, { id, aliases }: DiscoveredSpace): boolean {
  const { enabled = true, allow } = containers?.labels ?? {};
  if (!enabled || !allow) return enabled;
  return [id, ...aliases].some((name) => allow.some((glob) => matchesGlob(name, glob)));
}

/** Reads the labels of a container; `before` is given back where they have not changed. */
export function readLabels(container: Container, before: LabelReading | undefined): LabelReading {
  const texts = labelTexts(container);
  if (before && isDeepStrictEqual(before.texts, texts)) return before;
  try {
    return { texts, impairment: impairmentOfLabels(container) };
  } catch (error) {
    if (!isNetweirError(error)) throw error;
    const remedy = error.remedy === undefined ? '' : ` ${error.remedy}`;
    return { texts, problem: `the labels of ${container.name}: ${error.message}.${remedy}` };
  }
}
