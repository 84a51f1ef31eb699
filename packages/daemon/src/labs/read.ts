import { readFile } from 'node:fs/promises';
import { type Graph, type LabFile, NetweirError } from '@netweir/api';
import type { LabPlan } from '@netweir/lab';
import { labErrorOf } from './errors.ts';
import { loadLabLibrary } from './lab-library.ts';

export type { LabPlan } from '@netweir/lab';

/**
 * A lab file, checked, and what would be made of it.
 * @throws NetweirError `invalid-request` with everything that is wrong in it, by lines, or why it
 * cannot be read
 */
export async function readLab(path: string): Promise<{ file: LabFile; plan: LabPlan }> {
  const { LabError, parseLabFile } = await loadLabLibrary();
  try {
    return parseLabFile(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof LabError) throw labErrorOf(error);
    const message = error instanceof Error ? error.message : String(error);
    throw new NetweirError('invalid-request', `the lab file cannot be read: ${message}`, {
      cause: error,
    });
  }
}

/** A graph as an SVG image. */
export async function drawSvg(graph: Graph, title: string): Promise<string> {
  // Only who wants an image has to wait for what lays it out.
  const { svgOf } = await import('@netweir/lab/svg');
  return svgOf(graph, title);
}
