import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What all images are made of, and what they are called. */
export const IMAGE = 'netweir-test:1';

/** A container runtime with a client of its own, by which it is used and asked. */
export interface Runtime extends AsyncDisposable {
  readonly name: 'docker' | 'podman';
  readonly socket: string;
  /** Runs the runtime's own client to its end, and gives what it printed without the last newline. */
  client(...args: string[]): Promise<string>;
}

export async function output(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { stdout } = await execute(command, args, { env, maxBuffer: 64 << 20 });
  return stdout.trimEnd();
}
