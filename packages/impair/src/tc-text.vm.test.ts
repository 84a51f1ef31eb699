import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { directionOfTc, isNetweirError, isUntouched } from '@netweir/api';
import { deleteQdisc, dumpQdiscs, TC_H_ROOT } from '@netweir/kernel';
import fc from 'fast-check';
import { rootOf } from './original/original.ts';
import { netemText } from './tc-text.test-support.ts';
import { makeWire, type Wire } from './wire.test-support.ts';

/** Each pair of options is met several times. */
const RUNS = 150;

/** The qdisc as tc shows it behind what it did before, and as the kernel has it, which is more exact. */
function afterTc({ netlink, at, near }: Wire, ...commands: string[]): unknown {
  const input = [...commands, 'qdisc show dev v0 root'].map((command) => `${command}\n`).join('');
  const tc = near.run(() => execFileSync('tc', ['-j', '-batch', '-'], { input, encoding: 'utf8' }));
  const [{ options: json }] = JSON.parse(tc);
  const options = rootOf(netlink.dump(dumpQdiscs(at.ifindex)))?.options;
  assert.ok(options?.kind === 'netem');
  const { seed: _seed, ...kernel } = options;
  return { json, kernel };
}

test('netweir sets what tc sets by the same text, with all options, to the last bit', (t) => {
  const wire = makeWire(t, 'tct');
  const { ifindex } = wire.at;
  fc.assert(
    fc.property(netemText, (text) => {
      const direction = directionOfTc(text);
      fc.pre(!isUntouched(direction));
      const byTc = afterTc(wire, `qdisc add dev v0 root ${text}`);
      wire.netlink.request(deleteQdisc({ ifindex, parent: TC_H_ROOT, target: 'v0' }));
      wire.impairer.apply(wire.at, direction, undefined);
      const byNetweir = afterTc(wire);
      wire.impairer.clear(wire.at);
      assert.deepEqual(byNetweir, byTc, text);
    }),
    { numRuns: RUNS },
  );
});

const REFUSED = [
  ...['delay', 'delay foo', 'delay -1ms', 'delay 10m', 'delay 10ms 10%', 'loss .5%', 'loss 101%'],
  ...[
    'loss 1%%',
    'loss',
    'loss 1% loss 2%',
    'loss gemodel',
    'loss foo',
    'gap 5',
    'reorder 5%',
    'ecn',
  ],
  ...['distribution normal', 'delay 1ms distribution normal', 'limit 5x', 'rate 5x', 'rate', 'foo'],
  ...['slow 10ms', 'slot 20ms 10ms', 'slot bytes 1', 'slot 1ms packets', 'duplicate', 'corrupt 1x'],
];

test('what tc refuses, netweir refuses', (t) => {
  const wire = makeWire(t, 'tcr');
  for (const options of REFUSED) {
    const tc = ['qdisc', 'add', 'dev', 'v0', 'root', 'netem', ...options.split(' ')];
    assert.throws(() => wire.near.run(() => execFileSync('tc', tc, { stdio: 'ignore' })), options);
    assert.throws(() => directionOfTc(`netem ${options}`), isNetweirError, options);
  }
});
