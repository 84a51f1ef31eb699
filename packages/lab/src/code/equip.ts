import { startProgramsIn } from './child-processes.ts';
import type { Equipment } from './node-worker.ts';
import { lookNamesUpIn } from './worker-names.ts';

/** Makes a new Worker part of its node in what its network namespace alone does not. */
export function equip(equipment: Equipment): void {
  startProgramsIn(equipment);
  lookNamesUpIn(equipment);
}
