import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Direction, EngineChoice } from '@netweir/api';
import { Impairer } from './impairer.ts';
import { Journal } from './journal/journal.ts';
import { UdpStream } from './udp-stream.test-support.ts';
import { makeWire, realAbilities } from './wire.test-support.ts';

const CHANGES = 100;
const MS_BETWEEN_CHANGES = 25;
const PER_SECOND = 2000;

/** None of which loses a packet, or lets one overtake another. */
const SETTINGS: readonly ((step: number) => Direction)[] = [
  (step) => ({ delay: { mean: `${5 + (step % 40)}ms`, jitter: '2ms', reorder: 'none' } }),
  (step) => ({
    delay: {
      ...{ mean: `${30 - (step % 25)}ms`, jitter: '3ms', reorder: 'none' },
      ...{ distribution: 'normal', correlation: '25%' },
    },
  }),
  (step) => ({ delay: { mean: '1ms', jitter: '1ms', reorder: 'none' }, limitPackets: 2000 + step }),
  (step) => ({ delay: { mean: `${step % 20}ms` }, rate: { rate: `${20 + step}mbit` } }),
  (step) => ({
    rate: { rate: `${50 - (step % 20)}mbit`, packetOverheadBytes: step % 9 },
  }),
  (step) => ({
    delay: {
      ...{ mean: '10ms', jitter: `${1 + (step % 5)}ms`, reorder: 'none' },
      distribution: 'pareto',
    },
  }),
];

/**
 * Changes the values of one direction again and again while numbered datagrams pass, and sees that all arrive in their
 * order: of those that wait, too.
 */
export async function changesInPlace(
  t: TestContext,
  suffix: string,
  { engine, way }: { engine: EngineChoice; way: 'egress' | 'ingress' },
): Promise<void> {
  const wire = makeWire(t, suffix);
  const impairer = new Impairer({
    journal: new Journal(wire.stateDirectory),
    abilities: realAbilities,
    owner: 'command',
    onEngineFailure: (error) => assert.fail(error),
  });
  t.after(() => impairer.close());
  const settingOf = (step: number): Direction =>
    SETTINGS[step % SETTINGS.length]?.(step) ?? assert.fail();
  impairer.apply(wire.at, { [way]: settingOf(0), engine }, undefined);
  const [from, to] = way === 'egress' ? [wire.near, wire.far] : [wire.far, wire.near];
  const address = way === 'egress' ? '10.57.0.2' : '10.57.0.1';
  const stream = await UdpStream.start(t, {
    from,
    to,
    address,
    perSecond: PER_SECOND,
  });
  for (let step = 1; step <= CHANGES; step++) {
    await setTimeout(MS_BETWEEN_CHANGES);
    impairer.apply(wire.at, { [way]: settingOf(step), engine }, undefined);
  }
  const { sent, ...damage } = await stream.end();
  assert.deepEqual(damage, { lost: 0, overtaken: 0, repeated: 0 });
  // All of them passed what was changed, and nothing began to count anew.
  const { egressCounters, ingressCounters } = impairer.report(wire.at);
  const counters = way === 'egress' ? egressCounters : ingressCounters;
  assert.ok((counters?.sentPackets ?? 0) >= sent, JSON.stringify(counters));
}
