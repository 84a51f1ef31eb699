import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('.', import.meta.url));
const PLAIN = ['--input-type=module', '-e'];
const PRELOAD = ['--import', '@netweir/lab/unprivileged', ...PLAIN];

const INDEX = JSON.stringify(new URL('./index.js', import.meta.url).href);
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** What a program does that a user starts, whom `become` makes of root. */
function asUser(program: string, become = NOBODY, options = PRELOAD) {
  const [command = '', ...args] = [...become, process.execPath, ...options, program];
  return spawnSync(command, args, { cwd, encoding: 'utf8' });
}

test('an ordinary user has labs, by one word on the command line', () => {
  const { stdout, stderr, status } = asUser(`
    import { Lab } from ${INDEX};
    const lab = await Lab.create();
    const home = lab.router('home');
    const [laptop, server] = ['laptop', 'server'].map((name) => lab.device(name, { uplink: home }));
    const ping = laptop.spawn('ping', ['-c1', '-W1', server.ipv4], { stdio: 'ignore' });
    const [code] = await import('node:events').then(({ once }) => once(ping, 'exit'));
    await lab.close();
    console.log('ping ended with', code);
    process.exitCode = 5;`);
  assert.equal(stderr, '');
  assert.equal(stdout, 'ping ended with 0\n');
  assert.equal(status, 5);
});

test('where the system forbids it, the error says what to do', () => {
  // The setting is that of a user namespace in which root is a user like any other.
  const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"';
  const user = ['unshare', '--user', '--map-user=1000', '--keep-caps'];
  const { stderr, status } = asUser('console.log("ran")', [...user, 'sh', '-c', forbid, 'sh']);
  assert.match(stderr, /ERR_LAB_NOT_PERMITTED/);
  assert.match(stderr, /sysctl -w user\.max_user_namespaces=10000; or run it as root/);
  assert.equal(status, 1);
});

test('without that word, the error says it', () => {
  const program = `
    import { Lab } from ${INDEX};
    await Lab.create().catch(({ code, remedy }) => console.log(code, remedy));`;
  assert.equal(
    asUser(program, NOBODY, PLAIN).stdout,
    'ERR_LAB_NOT_PERMITTED start it by `node --import @netweir/lab/unprivileged FILE`, or as root\n',
  );
});
