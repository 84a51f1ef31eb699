import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { LabEvent, LabEventKind } from '@netweir/api';
import type { Inside } from './node-worker.ts';

/** A program, as `child_process.spawn` is told. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

/** What a program printed, and how it ended. */
export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Tell = (kind: LabEventKind, value: LabEvent['value']) => void;

/** Starts a program in a node, and tells when it starts and ends. */
export function startProgram(
  { namespace, programs, mounts }: Inside,
  { command, args, options }: Program,
  tell: Tell,
): ChildProcess {
  const start = (): ChildProcess => namespace.spawn(command, args, options);
  const child = programs.run(() => (mounts ? mounts.run(start) : start()));
  const { pid } = child;
  // What cannot be started has none, and tells of it by itself.
  if (pid === undefined) return child;
  const what = { command: [command, ...args], pid };
  tell('program-started', what);
  child.once('exit', (code, signal) => tell('program-ended', { ...what, code, signal }));
  return child;
}

/** Waits for a program's end and what it prints until then. @throws what it cannot be started for */
export async function resultOf(child: ChildProcess): Promise<ProgramResult> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ...output, code, signal };
}
