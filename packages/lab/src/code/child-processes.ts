import childProcess, { ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import { loadAddon } from './loading.ts';
import type { Equipment, NodeMessage } from './node-worker.ts';

type Kernel = typeof import('@netweir/kernel/process');
type Start = (...args: unknown[]) => unknown;

/**
 * Has all that this thread starts through node:child_process start in a pid namespace, and with the files
 * of the node. Only while it starts is the thread set to the first: otherwise it could start no threads.
 */
export function startProgramsIn({ programs, mounts, loading, port }: Equipment): void {
  const fd = openSync(programs, 'r');
  const files = mounts && openSync(mounts, 'r');
  const require = createRequire(import.meta.url);
  let kernel: Kernel | undefined;
  const starting = (start: Start): Start =>
    function (this: unknown, ...args) {
      if (!kernel) {
        // Most code starts no programs, and need not wait for this to load.
        kernel = loadAddon(loading, () => require('@netweir/kernel/process') as Kernel);
        if (files !== undefined) kernel.enterMounts(`/proc/self/fd/${files}`);
      }
      return kernel.startingIn(fd, () => start.apply(this, args));
    };
  const telling = (start: Start): Start =>
    function (this: unknown, ...args) {
      const result = start.apply(this, args);
      if (this instanceof ChildProcess) tell(this, port);
      return result;
    };
  // What spawn, exec, execFile and fork come down to. It is not documented, but in all versions.
  wrap(ChildProcess.prototype, 'spawn', (start) => telling(starting(start)));
  for (const name of ['spawnSync', 'execSync', 'execFileSync']) wrap(childProcess, name, starting);
  syncBuiltinESMExports();
}

function tell(child: ChildProcess, port: MessagePort): void {
  const { pid } = child;
  if (pid === undefined) return;
  const say = (message: NodeMessage): void => port.postMessage(message);
  say({ started: pid });
  child.once('exit', () => say({ ended: pid }));
}

function wrap(target: object, name: string, wrapper: (start: Start) => Start): void {
  const start: unknown = Reflect.get(target, name);
  if (typeof start !== 'function') throw new TypeError(`node:child_process has no ${name}`);
  Reflect.set(target, name, wrapper(start as Start));
}
