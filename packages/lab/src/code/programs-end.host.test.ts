import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';

let marks = 0;

/** The argument of a `sleep` that no other test has. */
function newMark(): string {
  marks += 1;
  return `1000.${process.pid}${marks}`;
}

/** How many processes there are whose last argument is `mark`. */
function running(mark: string): number {
  const list = execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' }).split('\n');
  return list.filter((line) => line.endsWith(`sleep ${mark}`) && !line.startsWith('Z')).length;
}

const come = (mark: string, count: number) =>
  until(() => running(mark) === count, `${count} programs run`);

/** Two programs, one of which has a session of its own and a parent that is gone. */
const scriptOf = (mark: string) => `(setsid sleep ${mark} &) ; exec sleep ${mark}`;

/** Several ways in which code starts programs, as the source of a module. */
const WAYS = {
  'node.spawn': (mark: string) =>
    `node.spawn('sh', ['-c', '${scriptOf(mark)}'], { stdio: 'ignore' });`,
  'spawn in node.run': (mark: string) => `await node.run(async (script) => {
    const { spawn } = await import('node:child_process');
    spawn('sh', ['-c', script], { stdio: 'ignore' });
  }, '${scriptOf(mark)}');`,
  'execFileSync in node.run': (mark: string) => `void node.run(async (script) => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('sh', ['-c', script], { stdio: 'ignore' });
  }, '${scriptOf(mark)}').catch(() => {});`,
  'exec in node.run': (mark: string) => `void node.run(async (script) => {
    const { exec } = await import('node:child_process');
    await new Promise((resolve) => exec(script, resolve));
  }, '${scriptOf(mark)}').catch(() => {});`,
};

/** A process that holds a lab whose node `node` runs programs, and does what it is told. */
function holder(t: TestContext, code: string) {
  const script = `
    import { Lab } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
    import { once } from 'node:events';
    const lab = await Lab.create();
    const node = lab.device('node');
    ${code}
    const [command] = await once(process.stdin, 'data');
    await (String(command) === 'remove' ? lab.remove(node) : lab.close());
    console.log('done');
    await once(process.stdin, 'end');
    process.exit();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

describe('Programs of a node, also those that left their session and their parent,', () => {
  for (const [way, codeFor] of Object.entries(WAYS)) {
    for (const end of ['remove', 'close']) {
      test(`end on ${end} where they were started by ${way}`, async (t) => {
        const mark = newMark();
        const child = holder(t, codeFor(mark));
        await come(mark, 2);
        child.stdin.write(end);
        const [line] = await once(createInterface(child.stdout), 'line');
        assert.equal(line, 'done');
        assert.equal(running(mark), 0);
        child.stdin.end();
        assert.deepEqual(await once(child, 'exit'), [0, null]);
      });
    }

    test(`end on kill -9 where they were started by ${way}`, async (t) => {
      const mark = newMark();
      const child = holder(t, codeFor(mark));
      await come(mark, 2);
      child.kill('SIGKILL');
      await until(() => running(mark) === 0, 'no program is left', 2000);
    });
  }

  test('end with the node where runSync started them', async () => {
    await using lab = await Lab.create();
    const [node, other] = [lab.device('node'), lab.device('other')];
    const mark = newMark();
    const script = ['-c', scriptOf(mark)];
    const start = () => void spawn('sh', script, { stdio: 'ignore' }).unref();
    node.runSync(start);
    other.runSync(start);
    await come(mark, 4);
    await lab.remove(node);
    assert.equal(running(mark), 2);
    await lab.close();
    assert.equal(running(mark), 0);
  });
});
