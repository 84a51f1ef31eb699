import type { TestContext } from 'node:test';
import { FAR, until, type Wire } from './wire.test-support.ts';

/** The rate of UDP data that iperf3's receiver sees of more than 10 Mbit/s that are sent. */
export async function measuredMbitPerSec(
  t: TestContext,
  { far, run }: Pick<Wire, 'far' | 'run'>,
): Promise<number> {
  const server = far.spawn('iperf3', ['-s', '-1', '--forceflush'], { stdio: 'pipe' });
  t.after(() => server.kill());
  let output = '';
  server.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until(() => output.includes('Server listening'));
  // Full frames: a qdisc counts 1514 bytes for 1472 of data.
  const options = ['-u', '-b', '12M', '-l', '1472', '-t', '3', '-J'];
  const { end } = JSON.parse(run('iperf3', '-c', FAR.ipv4, ...options));
  return end.sum_received.bits_per_second / 1e6;
}
