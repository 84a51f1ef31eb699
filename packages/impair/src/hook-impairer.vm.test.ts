import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { makeEngineWire } from './engine-wire.test-support.ts';
import type { Wire } from './wire.test-support.ts';

const DELAY_MS = 5;
const delay: Direction = { delay: { mean: `${DELAY_MS}ms` } };
const VLAN = { near: '10.8.0.1', far: '10.8.0.2' } as const;

function addVlan(run: Wire['run'], parent: string, address: string): void {
  run('ip', 'link', 'add', 'link', parent, 'name', 'vlan7', 'type', 'vlan', 'id', '7');
  run('ip', 'addr', 'add', `${address}/24`, 'dev', 'vlan7');
  run('ip', 'link', 'set', 'vlan7', 'up');
}

/** A frame as long as the MTU allows, and a short one: round trips of ten each, in milliseconds. */
function roundTrips({ run }: Pick<Wire, 'run'>, address: string): number[] {
  return ['56', '1472'].flatMap((bytes) => {
    const ping = ['ping', '-n', '-M', 'do', '-c', '10', '-i', '0.01', '-W', '1', '-s', bytes];
    const output = run('sh', '-c', `${ping.join(' ')} ${address} || test $? = 1`);
    return [...output.matchAll(/time=([\d.]+) ms/g)].map(([, time]) => Number(time));
  });
}

describe('frames with a VLAN tag', () => {
  for (const [suffix, wanted, ways] of [
    ['e', { egress: delay }, 1],
    ['i', { ingress: delay }, 1],
    ['b', { egress: delay, ingress: delay }, 2],
  ] as const) {
    test(`pass the userspace engine on ${Object.keys(wanted).join(' and ')} like all others`, (t) => {
      const wire = makeEngineWire(t, `vl${suffix}`);
      addVlan(wire.run, 'v0', VLAN.near);
      addVlan(wire.runFar, 'v1', VLAN.far);
      wire.impair(wanted);
      for (const address of [VLAN.far, '10.57.0.2']) {
        const times = roundTrips(wire, address);
        assert.equal(times.length, 20, address);
        assert.ok(Math.min(...times) >= ways * DELAY_MS, `${address}: ${Math.min(...times)} ms`);
      }
    });
  }
});
