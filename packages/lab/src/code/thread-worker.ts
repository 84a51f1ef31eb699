/** Starts in the namespace of a node, and runs code for as long as it wants to. */
import { workerData } from 'node:worker_threads';
import { equip } from './equip.ts';
import { load } from './load.ts';
import type { Equipment } from './node-worker.ts';
import type { Task } from './run.ts';

const { task, ...equipment } = workerData as { readonly task: Task } & Equipment;
equip(equipment);
const main = await load(task.code);
// A module may as well do all it does when it is loaded, as that of any Worker.
if (typeof main === 'function') await main(...task.args);
