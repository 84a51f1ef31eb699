import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { LabState } from '@netweir/api';
import type { Finished } from './support/command.ts';
import { AS_USER, observeEnd, User, type UserCommand } from './support/user.ts';

/** Makes root an ordinary user with a terminal. */
const IN_TERMINAL = [...AS_USER, 'bash', '-c', 'exec script -qec "${*@Q}" /dev/null', 'bash'];

const FILE = `
[[router]]
name = "home"
nat = "home"

[[router]]
name = "cafe"

[device.laptop.eth0]
gateway = "home"

[device.phone.wlan0]
gateway = "cafe"
`;

function setStage(t: TestContext): { user: User; file: string } {
  const user = new User();
  t.after(() => user[Symbol.dispose]());
  const file = join(user.directory, 'demo.toml');
  writeFileSync(file, FILE);
  return { user, file };
}

/** Starts a lab, and resolves once it is there. */
async function up(user: User, file: string): Promise<UserCommand> {
  const command = user.start(['lab', 'up', file, '--port', '0']);
  const said = createInterface({ input: command.child.stderr });
  for await (const line of said) if (line.includes('Ctrl+C')) return command;
  assert.fail((await command.finished).stderr);
}

function ok({ code, stdout, stderr }: Finished): string {
  assert.equal(code, 0, stderr);
  return stdout;
}

test('an ordinary user has a lab by one command, and works in it by others', async (t) => {
  const { user, file } = setStage(t);
  const command = await up(user, file);
  const untilGone = observeEnd(user.daemon);
  const inside = (node: string, ...line: string[]): Promise<Finished> =>
    user.netweir('lab', 'exec', `demo/${node}`, '--', ...line);

  assert.equal((await inside('laptop', 'sh', '-c', 'exit 7')).code, 7);
  const missing = await inside('laptop', '/nonexistent');
  assert.deepEqual(
    [missing.code, missing.stderr],
    [127, 'netweir: cannot start /nonexistent: ENOENT\n'],
  );
  const killed = await inside('laptop', 'sh', '-c', 'kill -TERM $$');
  assert.equal(killed.code, 143);

  const ping = async (): Promise<string> =>
    ok(await inside('laptop', 'ping', '-qc5', '-i0.1', '-W2', 'phone'));
  const rtt = (text: string): number => Number(/= ([\d.]+)\//u.exec(text)?.[1]);
  const state = LabState.parse(JSON.parse(ok(await user.netweir('lab', 'show', 'demo', '--json'))));
  const phone = state.devices.find(({ name }) => name === 'phone')?.ipv4 ?? '';
  const before = await ping();
  assert.match(before, new RegExp(`^PING phone.* \\(${phone}\\)`, 'u'));
  assert.ok(rtt(before) < 30, before);
  ok(await user.netweir('lab', 'set', 'demo/phone/wlan0', '--delay', '30ms'));
  const after = rtt(await ping());
  assert.ok(after >= 60 && after < 90, `${after} ms`);
  ok(await user.netweir('set', 'lab:demo/phone/wlan0', '--delay', '100ms'));
  const over = rtt(await ping());
  assert.ok(over >= 100 && over < 160, `${over} ms`);

  const hosts = ok(await user.netweir('exec', 'lab:demo/home', '--', 'cat', '/etc/hosts'));
  assert.match(hosts, new RegExp(`^${phone}\\tphone$`, 'mu'));
  assert.notEqual(readFileSync('/etc/hosts', 'utf8'), hosts);
  assert.match(ok(await user.netweir('lab', 'graph', 'demo')), /"laptop<br\/>[\d.]+"/u);

  ok(await user.netweir('lab', 'down', 'demo'));
  assert.equal(ok(await user.netweir('lab', 'ls')), 'no labs\n');
  command.child.kill('SIGINT');
  ok(await command.finished);
  await untilGone();
  assert.equal(existsSync(user.socketPath), false);
});

test("the page of a user's lab is on the user's own 127.0.0.1, for who has the token", async (t) => {
  const { user, file } = setStage(t);
  const command = user.start(['lab', 'up', file, '--port', '0', '--json']);
  const [text] = (await once(command.child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(String(text)) as { url: string };
  const { origin, hash } = new URL(url);
  const status = async (headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(`${origin}/api/v1/labs/demo`, { headers })).status;
  assert.match(await (await fetch(origin)).text(), /<html/u);
  assert.equal(await status(), 401);
  const authorization = `Bearer ${hash.replace('#token=', '')}`;
  assert.equal(await status({ authorization }), 200);
  assert.equal(await status({ authorization, origin: 'http://example.org' }), 403);

  using other = new User();
  const refused = await other.netweir('lab', 'up', file, '--port', new URL(origin).port);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /listens on 127\.0\.0\.1:\d+ already\n.*--port/u);
  command.child.kill('SIGINT');
  ok(await command.finished);
  await assert.rejects(fetch(origin));
});

test('programs in a node have the terminal, get signals, and end with the lab', async (t) => {
  const { user, file } = setStage(t);
  const command = await up(user, file);
  const trap = 'trap "echo caught; exit 5" TERM; echo ready; while :; do sleep 0.05; done';
  const signalled = user.start(['lab', 'exec', 'demo/laptop', '--', 'sh', '-c', trap]);
  signalled.child.stdout.once('data', () => signalled.child.kill('SIGTERM'));
  const { code, stdout } = await signalled.finished;
  assert.deepEqual([code, stdout], [5, 'ready\ncaught\n']);

  const shell = user.start(['lab', 'shell', 'demo/phone']);
  shell.child.stdin.end('echo "$NETWEIR_SPACE"; ip -br link show dev wlan0; exit 3\n');
  const said = await shell.finished;
  assert.equal(said.code, 3);
  assert.match(said.stdout, /^lab:demo\/phone\nwlan0@/u);

  const terminal = user.start(['lab', 'exec', 'demo/laptop', '--', 'tty'], IN_TERMINAL);
  assert.match(ok(await terminal.finished), /^\/dev\/pts\/\d+\r\n$/u);

  const lasting = user.start([
    'lab',
    'exec',
    'demo/laptop',
    '--',
    'sh',
    '-c',
    'echo; exec sleep 120',
  ]);
  await new Promise((resolve) => lasting.child.stdout.once('data', resolve));
  command.child.kill('SIGINT');
  ok(await command.finished);
  assert.equal((await lasting.finished).code, 137);
});

for (const which of ['the command', 'its daemon'] as const) {
  test(`nothing of a user's lab is left where ${which} is killed, and the next one starts`, async (t) => {
    const { user, file } = setStage(t);
    const command = await up(user, file);
    const untilGone = observeEnd(user.daemon);
    const lasting = user.start([
      'lab',
      'exec',
      'demo/laptop',
      '--',
      'sh',
      '-c',
      'echo; exec sleep 120',
    ]);
    await new Promise((resolve) => lasting.child.stdout.once('data', resolve));
    if (which === 'the command') command.child.kill('SIGKILL');
    else process.kill(user.daemon, 'SIGKILL');
    await Promise.all([command.finished, lasting.finished]);
    await untilGone();
    const next = await up(user, file);
    next.child.kill('SIGINT');
    ok(await next.finished);
  });
}

test('what keeps a user from having labs is told, with what to do about it', async (t) => {
  const { user, file } = setStage(t);
  // The setting is that of a user namespace in which root is a user like any other.
  const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"';
  const own = ['unshare', '--user', '--map-user=1000', '--keep-caps'];
  const become = [...AS_USER, ...own, 'sh', '-c', forbid, 'sh'];
  const forbidden = await user.start(['lab', 'up', file], become).finished;
  assert.equal(forbidden.code, 3);
  assert.match(forbidden.stderr, /no user namespace with its own root/u);
  assert.match(
    forbidden.stderr,
    /→ As root: sysctl -w user\.max_user_namespaces=10000; or run it as root\.\n/u,
  );

  const none = await user.netweir('lab', 'ls');
  assert.equal(none.code, 1);
  assert.match(none.stderr, /none runs/u);
  assert.match((await user.netweir('lab', 'up', file, '--detach')).stderr, /none runs/u);

  chownSync(dirname(user.socketPath), 0, 0);
  const foreign = await user.netweir('lab', 'up', file);
  assert.equal(foreign.code, 3);
  assert.match(foreign.stderr, /is not yours.*\n.*Remove it/u);
});
