import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { ImpairmentReport } from '@netweir/api';
import { pino } from 'pino';
import { openHost } from '../host/host.ts';
import { createApp } from './app.ts';

const NAME = `nwg${process.pid}`;
const SERVER = '10.99.57.1';
const CLIENT = '10.99.57.2';
const PROVISIONAL_MS = 2000;
const LOST = { loss: { model: 'random', probability: '100%' } };
const PATH = `/api/v1/interfaces/host/${NAME}/impairment`;

const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });

/** A daemon that is reached over a veth, and a client in the namespace at its other end. */
async function makeDaemon(t: TestContext) {
  ip('netns', 'add', NAME);
  ip('link', 'add', NAME, 'type', 'veth', 'peer', 'name', 'v1', 'netns', NAME);
  ip('addr', 'add', `${SERVER}/24`, 'dev', NAME);
  ip('link', 'set', NAME, 'up');
  ip('-n', NAME, 'addr', 'add', `${CLIENT}/24`, 'dev', 'v1');
  ip('-n', NAME, 'link', 'set', 'v1', 'up');
  const stateDirectory = mkdtempSync(join(tmpdir(), 'netweir-guard-'));
  const host = await openHost({ stateDirectory, owner: 'daemon', provisionalMs: PROVISIONAL_MS });
  const app = await createApp(
    { netweir: host, pageDirectory: '/nowhere', version: '0', logger: pino({ level: 'silent' }) },
    undefined,
  );
  await new Promise<void>((resolve) => app.server.listen(0, SERVER, resolve));
  t.after(async () => {
    await app.close();
    await host.close({ restore: true });
    rmSync(stateDirectory, { recursive: true });
    ip('link', 'del', NAME);
    ip('netns', 'del', NAME);
  });
  const { port } = app.server.address() as AddressInfo;
  const call = async (method: string, path: string, body?: object): Promise<ImpairmentReport> =>
    ImpairmentReport.parse(JSON.parse(await fetched(port, method, path, body)));
  return { call, pings };
}

/** What a program answers in the client's namespace, by a connection of its own. */
async function fetched(port: number, method: string, path: string, body?: object): Promise<string> {
  const script = `
    import { request } from 'node:http';
    const body = ${JSON.stringify(body && JSON.stringify(body))};
    const headers = { host: 'localhost', ...(body && { 'content-type': 'application/json' }) };
    const call = request({ host: '${SERVER}', port: ${port}, path: '${path}', method: '${method}', headers });
    call.on('response', (answer) => answer.pipe(process.stdout));
    call.end(body);`;
  const args = ['netns', 'exec', NAME, process.execPath, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)('ip', args, { timeout: 20_000 });
  return stdout;
}

function pings(): number {
  const args = [
    'netns',
    'exec',
    NAME,
    'ping',
    '-n',
    '-q',
    '-c',
    '3',
    '-i',
    '0.05',
    '-W',
    '1',
    SERVER,
  ];
  try {
    return Number(/(\d+) received/.exec(execFileSync('ip', args, { encoding: 'utf8' }))?.[1]);
  } catch {
    return 0;
  }
}

describe('who reaches the API over an interface', () => {
  test('can lose everything there, and still clear it', async (t) => {
    const { call } = await makeDaemon(t);
    assert.equal(pings(), 3);
    const set = await call('PUT', PATH, { egress: LOST, ingress: LOST });
    assert.deepEqual(set.guarded[0]?.remote, [CLIENT]);
    assert.equal(set.provisionalUntil, null);
    assert.equal(pings(), 0);
    // Nor does it depend on what was known before.
    ip('neigh', 'flush', 'dev', NAME);
    ip('-n', NAME, 'neigh', 'flush', 'dev', 'v1');
    assert.deepEqual((await call('GET', PATH)).egress, LOST);
    assert.equal((await call('DELETE', PATH)).egress, null);
    assert.equal(pings(), 3);
  });

  test('gets back what was there where a change is provisional, unless it is confirmed', async (t) => {
    const { call } = await makeDaemon(t);
    const delay = { delay: { mean: '5ms' } };
    await call('PUT', PATH, { egress: delay, guard: 'off' });
    const lost = await call('PUT', PATH, { egress: LOST, guard: 'provisional' });
    // The answer itself was lost until the change had ended.
    assert.notEqual(lost.provisionalUntil, null);
    const after = await call('GET', PATH);
    assert.deepEqual([after.egress, after.provisionalUntil], [delay, null]);
    const longer = { delay: { mean: '9ms' } };
    const set = await call('PUT', PATH, { egress: longer, guard: 'provisional' });
    assert.ok(Date.parse(set.provisionalUntil ?? '') > Date.now());
    const confirmed = await call('POST', `${PATH}/confirmation`);
    assert.equal(confirmed.provisionalUntil, null);
    await new Promise((resolve) => setTimeout(resolve, PROVISIONAL_MS + 200));
    const stayed = await call('GET', PATH);
    assert.deepEqual([stayed.egress, stayed.expiresAt], [longer, null]);
  });

  test('gets back what was there before several changes that nobody has confirmed', async (t) => {
    const { call } = await makeDaemon(t);
    const [first, second, third] = ['5ms', '6ms', '7ms'].map((mean) => ({ delay: { mean } }));
    await call('PUT', PATH, { egress: first, guard: 'off' });
    await call('PUT', PATH, { egress: second, guard: 'provisional' });
    await call('PUT', PATH, { egress: third, guard: 'provisional' });
    await new Promise((resolve) => setTimeout(resolve, PROVISIONAL_MS + 200));
    const after = await call('GET', PATH);
    assert.deepEqual([after.egress, after.expiresAt], [first, null]);
  });
});
