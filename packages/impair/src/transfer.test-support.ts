import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { FAR, until, type Wire } from './wire.test-support.ts';

const SINK = `
  const hash = require('node:crypto').createHash('sha256');
  require('node:net').createServer((socket) => {
    socket.on('data', (chunk) => hash.update(chunk));
    socket.on('end', () => socket.end(hash.digest('hex')));
  }).listen(7000, () => console.log('listening'));`;

const SOURCE = `
  const { createHash, randomBytes } = require('node:crypto');
  const [address, bytes] = process.argv.slice(1);
  const data = randomBytes(Number(bytes));
  const socket = require('node:net').connect(7000, address, () => socket.end(data));
  let answer = '';
  socket.on('data', (chunk) => { answer += chunk; });
  socket.on('end', () => {
    console.log(answer === createHash('sha256').update(data).digest('hex') ? 'intact' : 'broken');
  });`;

/** Sends bytes by TCP from the near end to the far one, and sees that they are the same there. */
export async function transfersIntact(
  t: TestContext,
  { near, far }: Pick<Wire, 'near' | 'far'>,
  bytes: number,
): Promise<void> {
  const sink = far.spawn(process.execPath, ['-e', SINK], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => sink.kill());
  let said = '';
  sink.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => said.includes('listening'));
  const source = near.spawn(process.execPath, ['-e', SOURCE, FAR.ipv4, `${bytes}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => source.kill());
  let answer = '';
  source.stdout?.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  await once(source, 'close');
  assert.equal(answer.trim(), 'intact');
}
