import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeNetweir } from './test-support/fake-netweir.ts';
import { fakeTerminal, runWith } from './test-support/run.ts';

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['lss', /unknown command 'lss'\n {2}→ Did you mean ls\?/],
  ['ls --wach', /unknown option '--wach'\n {2}→ Did you mean --watch\?/],
  ['set eth0 --dealy 100ms', /unknown option '--dealy'\n {2}→ Did you mean --delay\?/],
  ['set --delay 100ms', /missing required argument 'targets'/],
  ['set eth0', /set needs to be told what to do/],
  ['set eth0 --loss 1% --ingress --both', /--ingress and --both exclude each other/],
  ['set eth0 --loss 1% --engine ebpf', /engine: .*"auto"\|"kernel"\|"userspace"/],
  ['set eth0 --loss 1% --engine', /'--engine <name>' argument missing/],
  ['set eth0 --ingress', /set needs to be told what to do/],
  ['set eth0 --delay', /'--delay <time>' argument missing/],
  ['set eth0 --rate 10mbps', /ambiguous.*\n {2}→ write 10mbit for bits or 10MB\/s for bytes/],
  ['set averylonginterf0 --delay 1ms', /"averylonginterf0" is longer than 15 bytes/],
  ['set host/../eth0 --delay 1ms', /"\.\.\/eth0" cannot be the name of an interface/],
  ['set netns:../eth0 --delay 1ms', /"\.\." cannot be the name of a namespace/],
  ['set ../eth0 --delay 1ms', /"\.\." is no space that netweir knows/],
  ['set vm:x/eth0 --delay 1ms', /"vm:x" is no space that netweir knows/],
  ['set netns:/eth0 --delay 1ms', /"" cannot be the name of a namespace/],
  ['set host/ --delay 1ms', /the interface name is empty/],
  ['show', /missing required argument 'targets'/],
  ['show ..', /"\.\." cannot be the name of an interface/],
  ['ls a:b/c', /"a:b" is no space that netweir knows/],
  ['clear', /clear takes either targets or --all/],
  ['clear eth0 --all', /clear takes either targets or --all/],
  ['link sideways eth0', /unknown command 'sideways'/],
  ['link up', /missing required argument 'targets'/],
  ['up --port 65536', /--port "65536" is not a port/],
  ['up --port x', /--port "x" is not a port/],
  ['exec docker:* -- true', /"docker:\*" does not name one space\n {2}→ .*such as docker:web/],
  ['exec docker:web/eth0 -- true', /"docker:web\/eth0" does not name one space/],
  ['exec web -- true', /"web" does not name one space/],
  ['restore eth0', /too many arguments/],
  ['doctor --fix', /unknown option '--fix'/],
  ['ls --watch --json eth0', /--watch --json takes no targets/],
];

describe('a wrong command line', () => {
  for (const [line, message] of WRONG) {
    test(`${line}: exit code 2, and nothing is asked of netweir`, async () => {
      const netweir = fakeNetweir();
      const json = line.includes('--json');
      const { code, stdout, stderr } = await runWith(netweir, line.split(' '));
      assert.match(json ? stdout : stderr, message);
      assert.equal(json ? stderr : stdout, '');
      assert.equal(code, 2);
      assert.deepEqual(netweir.calls, []);
    });
  }

  test('is a problem document with --json, wherever that stands', async () => {
    for (const argv of [
      ['--json', 'set', 'eth0', '--dealy', '1ms'],
      ['set', 'eth0', '--dealy', '1ms', '--json'],
    ]) {
      const { code, stdout, stderr } = await runWith(fakeNetweir(), argv);
      assert.equal(code, 2);
      assert.equal(stderr, '');
      assert.deepEqual(JSON.parse(stdout), {
        type: 'urn:netweir:problem:invalid-request',
        title: 'The request is not what the schema asks for',
        status: 400,
        code: 'invalid-request',
        detail: "unknown option '--dealy'",
        remedy: 'Did you mean --delay?',
      });
    }
  });

  test('without any word prints the help on stderr', async () => {
    const { code, stdout, stderr } = await runWith(fakeNetweir(), []);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /Usage: netweir/);
  });
});

describe('help', () => {
  test('of set says that it replaces', async () => {
    const { code, stdout } = await runWith(fakeNetweir(), ['set', '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /set REPLACES what netweir did there before/);
    assert.match(stdout, /--ingress alone ends what was there on egress/);
    assert.match(stdout, /--engine <name>/);
    assert.match(stdout, /--loss-gemodel <p\[,r\[,1-h\[,1-k\]\]\]>/);
  });

  test('fits into the terminal', async () => {
    const terminal = fakeTerminal({ columns: 60, rows: 24 });
    await runWith(fakeNetweir(), ['ls', '--help'], 'daemon', terminal);
    const lines = terminal.stdout().split('\n').slice(0, 12);
    assert.ok(
      lines.every((line) => line.length <= 60),
      terminal.stdout(),
    );
  });
});

test('--version prints the version of the package', async () => {
  const { code, stdout } = await runWith(fakeNetweir(), ['--version']);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('what is no error of netweir is shown as a fault with its stack, exit code 1', async () => {
  const netweir = fakeNetweir({ inventory: () => Promise.reject(new TypeError('oops')) });
  const { code, stderr } = await runWith(netweir, ['ls']);
  assert.equal(code, 1);
  assert.match(stderr, /^netweir: oops\nTypeError: oops\n {4}at /);
});
