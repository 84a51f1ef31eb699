import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Capabilities, EventMessage, ImpairmentReport, Inventory, Problem } from '@netweir/api';
import { type FakeDaemon, fakeDaemon } from './test-support/fake-daemon.ts';
import { INVENTORY } from './test-support/fixtures.ts';

const BIN = fileURLToPath(new URL('../bin/netweir', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'netweir-bin-'));
const socketPath = join(directory, 'netweir.sock');
let daemon: FakeDaemon;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(argv: readonly string[], environment = {}): ChildProcess {
  const env = { ...process.env, NETWEIR_SOCKET: socketPath, NETWEIR_STATE: directory };
  return spawn(BIN, argv, { env: { ...env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
}

const netweir = (...argv: string[]): Promise<Ended> => ended(start(argv));

/** The first space of the fixture with this many interfaces. */
function inventoryOf(count: number): Inventory {
  const [space] = INVENTORY.spaces;
  const [one] = space?.interfaces ?? [];
  assert.ok(space && one);
  const interfaces = Array.from({ length: count }, (_, index) => ({ ...one, ifindex: index + 1 }));
  return { ...INVENTORY, spaces: [{ ...space, interfaces }] };
}

const moduleUrl = (source: string): string => `data:text/javascript,${encodeURIComponent(source)}`;

/** A module that makes Node refuse to load packages that take long. */
const HOOK = `export const resolve = (name, context, next) => {
  if (/^(zod|@netweir)/.test(name)) throw new Error('refused to load ' + name);
  return next(name, context);
};`;
const REFUSING = `import { register } from 'node:module'; register(${JSON.stringify(moduleUrl(HOOK))});`;

before(async () => {
  daemon = await fakeDaemon(socketPath);
});
after(async () => {
  await daemon.close();
  rmSync(directory, { recursive: true });
});

describe('the command with a daemon', () => {
  test('ls prints a table, without colours into a pipe', async () => {
    const { code, stdout, stderr } = await netweir('ls');
    assert.equal(code, 0);
    assert.match(stdout, /^INTERFACE +KIND +STATE/);
    assert.match(stdout, /^eth0 .*delay 100ms ±10ms · loss 1%/mu);
    assert.ok(!stdout.includes('\u001b'));
    assert.equal(stderr, '');
  });

  test('ls --json prints the inventory of the API', async () => {
    const { stdout } = await netweir('ls', '--json');
    assert.equal(Inventory.parse(JSON.parse(stdout)).hostname, 'test');
  });

  test('a long answer comes whole through a pipe that is read late', async () => {
    const many = await fakeDaemon(`${socketPath}.many`, inventoryOf(20_000));
    const child = start(['ls', '--json'], { NETWEIR_SOCKET: `${socketPath}.many` });
    child.stdout?.pause();
    setTimeout(() => child.stdout?.resume(), 1500);
    const { code, stdout } = await ended(child);
    await many.close();
    assert.equal(code, 0);
    assert.equal(Inventory.parse(JSON.parse(stdout)).spaces[0]?.interfaces.length, 20_000);
  });

  test('set sends the impairment and prints what came back', async () => {
    const { code, stdout } = await netweir(
      ...['set', 'eth0', '--delay', '100ms', '--jitter', '10ms', '--for', '5m', '--json'],
    );
    assert.equal(code, 0);
    const [report] = ImpairmentReport.array().parse(JSON.parse(stdout));
    assert.deepEqual(report?.egress, { delay: { mean: '100ms', jitter: '10ms' } });
    assert.equal(
      daemon.requests.at(-1),
      'PUT /api/v1/interfaces/host/eth0/impairment {"egress":{"delay":{"mean":"100ms","jitter":"10ms"}},"for":"5m"}',
    );
  });

  test('set sends both directions and the engine, and says what does it', async () => {
    const { code, stdout } = await netweir(
      ...['set', 'eth0', '--loss', '1%', '--both', '--engine', 'userspace'],
    );
    assert.equal(code, 0);
    assert.equal(stdout, 'host/eth0: egress loss 1% (userspace) · ingress loss 1% (userspace)\n');
    const loss = '{"loss":{"model":"random","probability":"1%"}}';
    assert.equal(
      daemon.requests.at(-1),
      `PUT /api/v1/interfaces/host/eth0/impairment {"egress":${loss},"ingress":${loss},"engine":"userspace"}`,
    );
  });

  test("a problem document becomes words, a remedy and the problem's exit code", async () => {
    const { code, stdout, stderr } = await netweir('set', 'netns:client', '--delay', '1ms');
    assert.equal(code, 4);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      'netweir: cannot add netem to netns:client/eth0: ENOENT\n  → Load sch_netem.\n',
    );
  });

  test('a problem document stays one with --json', async () => {
    const argv = ['set', 'netns:client', '--delay', '1ms', '--json'];
    const { code, stdout, stderr } = await netweir(...argv);
    assert.equal(code, 4);
    assert.equal(stderr, '');
    assert.equal(Problem.parse(JSON.parse(stdout)).code, 'kernel-lacks-netem');
  });

  test('a failure in part is exit code 1, with all results', async () => {
    const { code, stdout, stderr } = await netweir('clear', 'eth0', 'netns:client');
    assert.equal(code, 1);
    assert.equal(stdout, 'host/eth0: clear (noqueue)\n');
    assert.match(stderr, /cannot add netem to netns:client\/eth0/);
  });

  test('link, show, restore and doctor reach the daemon', async () => {
    const before = daemon.requests.length;
    assert.equal((await netweir('link', 'down', 'eth0')).code, 0);
    assert.equal((await netweir('show', 'eth0')).code, 0);
    assert.equal((await netweir('restore')).code, 0);
    const { code, stdout } = await netweir('doctor', '--json');
    assert.equal(code, 0);
    assert.equal(Capabilities.parse(JSON.parse(stdout)).version, '0.1.0');
    assert.deepEqual(
      daemon.requests.slice(before).filter((request) => !request.endsWith('/inventory')),
      [
        'POST /api/v1/interfaces/host/eth0/link {"state":"down"}',
        'GET /api/v1/interfaces/host/eth0/impairment',
        'POST /api/v1/restore',
        'GET /api/v1/capabilities',
      ],
    );
  });

  test('ls --watch --json gives messages until SIGINT, which is its regular end', async () => {
    const child = start(['ls', '--watch', '--json']);
    child.stdout?.once('data', () => child.kill('SIGINT'));
    const { code, stdout } = await ended(child);
    assert.equal(code, 0);
    const [first = ''] = stdout.split('\n');
    assert.equal(EventMessage.parse(JSON.parse(first)).type, 'snapshot');
  });

  test('ls --watch ends when nobody reads it any more', async () => {
    const child = start(['ls', '--watch', '--json']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, signal, stderr } = await ended(child);
    assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  });

  test('up refuses to run beside it', async () => {
    const { code, stdout } = await netweir('up', '--json');
    assert.equal(code, 1);
    assert.equal(Problem.parse(JSON.parse(stdout)).code, 'daemon-running');
  });
});

describe('the command by itself', () => {
  test('--help and --version load neither zod nor the daemon, so that they are fast', async () => {
    const NODE_OPTIONS = `--import ${moduleUrl(REFUSING)}`;
    for (const flag of ['--help', '--version']) {
      const { code, stderr } = await ended(start([flag], { NODE_OPTIONS }));
      assert.equal(code, 0, stderr);
    }
    const { stderr } = await ended(start(['ls'], { NODE_OPTIONS }));
    assert.match(stderr, /refused to load @netweir\/api/);
  });

  test('wrong usage is exit code 2 and needs no daemon', async () => {
    const none = { NETWEIR_SOCKET: join(directory, 'none') };
    const { code, stdout, stderr } = await ended(start(['set', 'eth0', '--rate', '10mbps'], none));
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /→ write 10mbit for bits or 10MB\/s for bytes\n$/);
  });
});
