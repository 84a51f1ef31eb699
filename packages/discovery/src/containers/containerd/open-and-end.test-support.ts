/** A program that opens a source, has it follow events where it may, and does nothing more. */
import { setTimeout } from 'node:timers/promises';
import { openContainerdSource } from './containerd-source.ts';

const FOLLOWS_MS = 300;

const source = openContainerdSource(process.argv[2] ?? '', () => {});
while (source.view.status?.state === 'connecting') await setTimeout(5);
await setTimeout(FOLLOWS_MS);
process.stdout.write(`${source.view.status?.state}\n`);
