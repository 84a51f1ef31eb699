import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatHandle, parseHandle, type Qdisc, TC_H_ROOT } from '@netweir/kernel';
import type { Recorded } from '../journal/entry.ts';
import { OUR_ROOT } from '../plan.ts';
import { KERNEL_DEFAULT, restoreRequests } from './original.ts';

function node(kind: string, handle: string, parent: string): Recorded {
  const at = parent === 'root' ? 0xffff_ffff : parseHandle(parent);
  return { kind, handle: parseHandle(handle), parent: at, options: null };
}

/** What is sent, in order: `replace htb class 1:10`. */
function order(qdiscs: Recorded[], classes: Recorded[], kind = 'tbf'): string[] {
  const ours: Qdisc = {
    ifindex: 7,
    handle: OUR_ROOT,
    parent: TC_H_ROOT,
    kind,
    options: undefined,
    rawOptions: undefined,
    stats: undefined,
  };
  const requests = restoreRequests({ ...KERNEL_DEFAULT, qdiscs, classes }, ours, 'eth0');
  return requests.map(({ operation, body }) => {
    const { buffer, byteOffset } = body;
    return `${operation} ${formatHandle(new DataView(buffer, byteOffset).getUint32(8, true))}`;
  });
}

describe('restoreRequests', () => {
  test('where there was nothing, ours is deleted', () => {
    assert.deepEqual(order([], []), ['delete qdisc none']);
  });

  test('classes come behind their qdisc and their parent class, leaves behind their class', () => {
    const qdiscs = [node('pfifo', '20:', '1:20'), node('htb', '1:', 'root')];
    const classes = [node('htb', '1:20', '1:1'), node('htb', '1:1', 'root')];
    assert.deepEqual(order(qdiscs, classes), [
      'replace htb qdisc 1:',
      'replace htb class 1:1',
      'replace htb class 1:20',
      'replace pfifo qdisc 20:',
    ]);
  });

  test('an htb below a class of another qdisc is there before its own classes', () => {
    const qdiscs = [
      node('sfq', '30:', '2:3'),
      node('prio', '1:', 'root'),
      node('htb', '2:', '1:2'),
    ];
    assert.deepEqual(order(qdiscs, [node('htb', '2:3', 'root')]), [
      'replace prio qdisc 1:',
      'replace htb qdisc 2:',
      'replace htb class 2:3',
      'replace sfq qdisc 30:',
    ]);
  });

  test('before a netem comes back, ours stops duplicating', () => {
    const netem = [node('netem', '8:', 'root')];
    assert.deepEqual(order(netem, [], 'netem'), [
      'replace netem qdisc 4e57:',
      'replace netem qdisc 8:',
    ]);
    assert.deepEqual(order(netem, []), ['replace netem qdisc 8:']);
  });

  test('an htb below a class of an htb is there before its own classes', () => {
    const qdiscs = [node('htb', '1:', 'root'), node('htb', '2:', '1:1')];
    const classes = [node('htb', '2:1', 'root'), node('htb', '1:1', 'root')];
    assert.deepEqual(order(qdiscs, classes), [
      'replace htb qdisc 1:',
      'replace htb class 1:1',
      'replace htb qdisc 2:',
      'replace htb class 2:1',
    ]);
  });
});
