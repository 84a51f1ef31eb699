import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Measurement } from '@netweir/api';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { MEASUREMENT } from '../test-support/fixtures.ts';
import { fakeTerminal, runWith } from '../test-support/run.ts';

const ASKED = ['measure', 'netns:client/eth0', 'netns:client'];

describe('measure', () => {
  test('asks for what the line says, and exits with 1 where something differs', async () => {
    const netweir = fakeNetweir();
    const argv = [...ASKED, '--duration', '2s', '--no-throughput'];
    const { code } = await runWith(netweir, argv);
    assert.equal(code, 1);
    const [, request] = netweir.calls.find(([name]) => name === 'measure') ?? [];
    assert.deepEqual(request, {
      from: { space: 'netns:client', interface: 'eth0' },
      to: { space: 'netns:client' },
      duration: '2s',
      throughput: false,
    });
  });

  test('exits with 0 where all is as set, unclear, or nothing is set', async () => {
    for (const verdict of ['as set', 'unclear', null] as const) {
      const netweir = fakeNetweir({ measure: async () => ({ ...MEASUREMENT, verdict }) });
      const { code } = await runWith(netweir, ['measure', 'netns:client', '192.0.2.1:80']);
      assert.equal(code, 0);
      const [, request] = netweir.calls.find(([name]) => name === 'measure') ?? [];
      assert.deepEqual(request, {
        from: { space: 'netns:client' },
        to: { host: '192.0.2.1', port: 80 },
      });
    }
  });

  test('tells in tables what was measured and what was set against it', async () => {
    const { stdout } = await runWith(fakeNetweir(), ASKED);
    const text = stdout.replaceAll(/ +/gu, ' ');
    assert.match(
      text,
      /^netns:client\/eth0 \(10\.0\.0\.1\) → netns:server\/eth0 \(10\.0\.0\.2\), 5\.1 s\n/u,
    );
    assert.match(
      text,
      /→ netns:client\/eth0 egress: delay 50ms · loss 5% \(netem\), dropped 50 packets\n/u,
    );
    assert.match(
      text,
      /→ one way, udp 50\.00 ms 50\.03 ms 50\.10 ms 51\.90 ms 54\.70 ms 0\.400 ms 2450\/2500\n/u,
    );
    assert.match(text, /← 0\.00% 0\.00% 0\.00% 0\.00% 10\.0 Mbit\/s 9\.4 Mbit\/s\n/u);
    assert.match(text, /→ delay, udp 50\.00 ms 50\.03 ms 50\.02 ms – 50\.04 ms as set\n/u);
    assert.match(text, /→ loss, udp 5\.00% 2\.00% 1\.40% – 2\.90% differs\n/u);
    assert.match(text, /→ loss, udp: another one is set\n$/u);
  });

  test('fits into a narrow terminal', async () => {
    const terminal = fakeTerminal({ columns: 100, rows: 24 });
    const { stdout } = await runWith(fakeNetweir(), ASKED, 'daemon', terminal);
    const tables = stdout.split('\n').filter((line) => !line.startsWith('  '));
    assert.ok(tables.every((line) => [...line].length <= 100));
  });

  test('with --json gives what the API gives', async () => {
    const { stdout } = await runWith(fakeNetweir(), [...ASKED, '--json']);
    assert.deepEqual(Measurement.parse(JSON.parse(stdout)), MEASUREMENT);
  });

  test('refuses patterns and what is no end before it asks anybody', async () => {
    const netweir = fakeNetweir();
    for (const line of [
      ['measure', 'netns:*', '192.0.2.1'],
      ['measure', 'netns:client', 'netns:*'],
      ['measure', 'netns:client', '192.0.2.1:0'],
      ['measure', 'netns:client'],
    ]) {
      assert.equal((await runWith(netweir, line)).code, 2);
    }
    assert.deepEqual(netweir.calls, []);
  });
});
