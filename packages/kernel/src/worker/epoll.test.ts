import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { monotonicNs } from '../monotonic-clock.ts';
import { Epoll } from './epoll.ts';
import { WakeFd } from './wake-fd.ts';

describe('Epoll', () => {
  test('names each descriptor that has something to read', (t) => {
    const { epoll, wakes } = watched(t, 3);
    assert.equal(epoll.poll(), 0);
    wakes[0]?.wake();
    wakes[2]?.wake();
    const count = epoll.wait();
    assert.deepEqual(
      Array.from({ length: count }, (_, index) => epoll.handle(index)).sort(),
      [100, 102],
    );
  });

  test('waits no longer than it is told', (t) => {
    const { epoll } = watched(t, 1);
    const startNs = monotonicNs();
    assert.equal(epoll.wait(2_500_000), 0);
    const waitedNs = monotonicNs() - startNs;
    assert(waitedNs >= 2_500_000, `${waitedNs} ns`);
  });

  test('tells no more of what it does not watch any more', (t) => {
    const { epoll, wakes } = watched(t, 2);
    for (const wake of wakes) wake.wake();
    epoll.remove(wakes[0]?.fd ?? -1);
    assert.equal(epoll.poll(), 1);
    assert.equal(epoll.handle(0), 101);
    assert.throws(() => epoll.remove(wakes[0]?.fd ?? -1), /ENOENT/);
  });

  test('tells of what is not read again and again, and with addEdge once', (t) => {
    const { epoll, wakes } = watched(t, 1);
    const edge = new WakeFd();
    t.after(() => edge.close());
    epoll.addEdge(edge.fd, 7);
    edge.wake();
    assert.equal(epoll.poll(), 1);
    assert.equal(epoll.handle(0), 7);
    assert.equal(epoll.poll(), 0);
    edge.wake();
    assert.equal(epoll.poll(), 1);
    wakes[0]?.wake();
    for (let turn = 0; turn < 2; turn++) {
      assert.equal(epoll.poll(), 1);
      assert.equal(epoll.handle(0), 100);
    }
  });
});

function watched(
  t: { after(release: () => void): void },
  count: number,
): { epoll: Epoll; wakes: WakeFd[] } {
  const epoll = new Epoll();
  const wakes = Array.from({ length: count }, () => new WakeFd());
  for (const [index, wake] of wakes.entries()) epoll.add(wake.fd, 100 + index);
  t.after(() => {
    epoll.close();
    for (const wake of wakes) wake.close();
  });
  return { epoll, wakes };
}
