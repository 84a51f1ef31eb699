// Runs in the kernel VM: the demonstration as `npm start` has it, reachable from outside at the
// port given. The daemon itself listens on loopback only, so that a relay stands before it.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const START = resolve(import.meta.dirname, '../../../tools/demo/dist/start.js');
const DAEMON_PORT = 7878;

const relay = createServer((outside) => {
  const inside = connect(DAEMON_PORT, '127.0.0.1');
  outside.pipe(inside).pipe(outside);
  const close = (): void => {
    outside.destroy();
    inside.destroy();
  };
  outside.on('error', close);
  inside.on('error', close);
});
relay.listen(Number(process.argv[2]), '0.0.0.0');

// What an earlier netweir has left in the state directory of the host shows here, too.
const state = mkdtempSync(join(tmpdir(), 'netweir-guest-'));
const demonstration = spawn(process.execPath, [START], {
  env: { ...process.env, NETWEIR_STATE: state },
  stdio: ['ignore', 'inherit', 'inherit'],
});
demonstration.on('exit', (code) => process.exit(code ?? 1));
