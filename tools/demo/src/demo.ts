// The demonstration network of `npm start`: made, filled with traffic, measured, and removed at the end.
import type { SpawnOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createClient } from '@netweir/api';
import { unixSocketTransport } from '@netweir/api/node';
import { createNetwork, NAMES, removeNetwork, SERVER } from './network.ts';

const TRAFFIC = fileURLToPath(new URL('./traffic.js', import.meta.url));
const socketPath = process.env.NETWEIR_SOCKET ?? '/run/netweir/netweir.sock';

const network = createNetwork();
const options: SpawnOptions = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] };
const children = [
  network.server.spawn(process.execPath, [TRAFFIC, 'server'], options),
  network.client.spawn(process.execPath, [TRAFFIC, 'client', SERVER], options),
];

const netweir = createClient(unixSocketTransport(socketPath));
await measure();

// Whoever started the demonstration ends it by closing the pipe, also when it is killed.
process.stdin.resume();
const end = (): void => void finish();
process.stdin.on('end', end);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);

/** Measures as soon as the daemon has seen the new namespaces. */
async function measure(): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await netweir.putProbe('demo', { space: `netns:${NAMES.client}`, address: SERVER });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function finish(): Promise<void> {
  for (const child of children) child.kill();
  // The daemon may have ended first, and the probe with it.
  await netweir.deleteProbe('demo').catch(() => {});
  removeNetwork(network);
  process.exit(0);
}
