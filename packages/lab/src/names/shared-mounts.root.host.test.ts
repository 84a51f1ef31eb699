import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

test('the files of programs in a lab are seen nowhere else where the mounts of the machine are shared', () => {
  const program = `
    import { readFileSync } from 'node:fs';
    import { Lab } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
    const outside = () => ['/etc/hosts', '/etc/resolv.conf', '/proc/self/mountinfo']
      .map((path) => readFileSync(path, 'utf8'));
    const before = outside();
    const lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    const { stdout } = await laptop.exec('cat', ['/etc/hosts']);
    const during = outside();
    await lab.close();
    const inside = stdout.includes('laptop.lab');
    console.log(JSON.stringify({ inside, during: [before, during], after: [before, outside()] }));`;
  const shared = 'mount --make-rshared / && grep -q shared: /proc/self/mountinfo && exec "$@"';
  const node = [process.execPath, '--input-type=module', '-e', program];
  const text = execFileSync('unshare', ['--mount', 'sh', '-c', shared, 'sh', ...node], {
    encoding: 'utf8',
  });
  const { inside, during, after } = JSON.parse(text);
  assert.ok(inside);
  for (const [before, then] of [during, after]) assert.deepEqual(then, before);
});
