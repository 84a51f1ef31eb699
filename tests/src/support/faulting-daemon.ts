// A daemon in whose process a fault is thrown as soon as its standard input is closed.
import { runDaemon } from '@netweir/daemon';

const [socketPath = '', stateDirectory = ''] = process.argv.slice(2);

process.stdin.resume();
process.stdin.on('end', () => {
  setImmediate(() => {
    throw new Error('a fault that nobody catches');
  });
});

await runDaemon({
  port: 0,
  socketPath,
  stateDirectory,
  configFiles: [],
  signal: new AbortController().signal,
  onListening: () => process.stdout.write('listening\n'),
});
