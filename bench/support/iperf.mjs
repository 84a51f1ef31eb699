/** Throughput as iperf3's receiver sees it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Bits per second of data that arrive; `options` are those of the client. */
export async function iperf({ from, to, family = 'v4', options }) {
  const server = start(to.namespace, ['-s', '-1', '--forceflush']);
  try {
    await server.says('Server listening');
    const client = start(from.namespace, ['-c', to.address[family], '-J', ...options]);
    await client.exit;
    const { error, end } = JSON.parse(client.output());
    if (error) throw new Error(`iperf3: ${error}`);
    return end.sum_received.bits_per_second;
  } finally {
    if (server.process.exitCode === null) server.process.kill('SIGKILL');
    await server.exit;
  }
}

function start(namespace, args) {
  const process = namespace.run(() =>
    spawn('iperf3', args, { stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const exit = once(process, 'close');
  let output = '';
  process.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const says = async (text) => {
    while (!output.includes(text)) await once(process.stdout, 'data');
  };
  return { process, exit, says, output: () => output };
}
