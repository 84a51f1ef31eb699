// `npm start`: the daemon as `netweir up` runs it, and the demonstration network beside it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isNetweirError } from '@netweir/api';
import { configFilesOf, runDaemon } from '@netweir/daemon';

const DEMO = fileURLToPath(new URL('./demo.js', import.meta.url));
const interrupted = new AbortController();
const interrupt = (): void => interrupted.abort();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);

let demo: ChildProcess | undefined;
try {
  await runDaemon({
    port: Number(process.env.NETWEIR_PORT ?? 7878),
    socketPath: process.env.NETWEIR_SOCKET ?? '/run/netweir/netweir.sock',
    stateDirectory: process.env.NETWEIR_STATE ?? '/var/lib/netweir',
    configFiles: configFilesOf(process.env),
    signal: interrupted.signal,
    onListening: ({ url }) => {
      // Not in this process group: Ctrl+C is for the daemon, which ends the demonstration after itself.
      demo = spawn(process.execPath, [DEMO], {
        stdio: ['pipe', 'inherit', 'inherit'],
        detached: true,
      });
      console.log(`\n  netweir is running: ${url}\n`);
      console.log('  Demonstration: netns:demo-client - netns:demo-router - netns:demo-server');
      console.log('  Ctrl+C ends it, restores every interface and removes the demonstration.\n');
    },
  });
} catch (error) {
  if (!isNetweirError(error)) throw error;
  console.error(`netweir: ${error.message}${error.remedy ? `\n  ${error.remedy}` : ''}`);
  process.exitCode = error.exitCode;
}
if (demo) {
  const ended = once(demo, 'exit');
  demo.stdin?.end();
  await ended;
}
