import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Site } from './daemon.ts';

const START = resolve(import.meta.dirname, '../../../tools/demo/dist/start.js');
const KERNEL_VM = resolve(import.meta.dirname, '../../../tools/kernel-vm/run');
const GUEST = resolve(import.meta.dirname, 'guest-demonstration.js');
const GUEST_PORT = 8787;

/** A demonstration that runs, as `npm start` has it. */
export interface Demonstration {
  /** The page's address, with its token. */
  readonly url: string;
  stop(): Promise<void>;
}

/** On this machine's own kernel. */
export async function startHere(): Promise<Demonstration> {
  const site = new Site();
  const child = spawn(process.execPath, [START], {
    env: { ...site.environment, NETWEIR_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    url: await printedUrl(child),
    stop: async () => {
      await end(child, 'SIGINT');
      site[Symbol.dispose]();
    },
  };
}

/** In the kernel VM, whose kernel has sch_netem; the page is reached from outside. */
export async function startInKernelVm(): Promise<Demonstration> {
  const port = await freePort();
  const guest = ['--', process.execPath, GUEST, `${GUEST_PORT}`];
  const child = spawn(
    KERNEL_VM,
    ['--publish', `${port}:${GUEST_PORT}`, '--timeout', '170', ...guest],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const { hash } = new URL(await printedUrl(child));
  return { url: `http://127.0.0.1:${port}/${hash}`, stop: () => end(child, 'SIGTERM') };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function printedUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the demonstration has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\S+#token=[\w-]+/u.exec(line)?.[0];
    if (url) return url;
  }
  throw new Error('the demonstration ended before the daemon listened');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
