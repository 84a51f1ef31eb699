import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as libc from './libc.ts';
import { monotonicNs } from './monotonic-clock.ts';
import { TimerFd } from './timer-fd.ts';

const POLLIN = 1;

/** Whether the timer expires within `timeoutMs`. */
function expires(timer: TimerFd, timeoutMs: number): boolean {
  const pollfd = new DataView(new ArrayBuffer(8));
  pollfd.setInt32(0, timer.fd, true);
  pollfd.setInt16(4, POLLIN, true);
  return libc.poll(new Uint8Array(pollfd.buffer), timeoutMs) > 0;
}

describe('TimerFd', () => {
  test('expires at its time and not before', () => {
    using timer = new TimerFd();
    const time = monotonicNs() + 3_000_000;
    timer.set(time);
    assert(expires(timer, 5000));
    const lateNs = monotonicNs() - time;
    assert(lateNs >= 0, `${lateNs} ns`);
  });

  test('expires at once for a time that has passed', () => {
    using timer = new TimerFd();
    for (const time of [-1, 0, 1, monotonicNs() - 1]) {
      timer.set(time);
      assert(expires(timer, 0));
    }
  });

  test('takes times that are no whole nanoseconds', () => {
    using timer = new TimerFd();
    timer.set(monotonicNs() + 3600e9 + 0.75);
    assert(!expires(timer, 0));
  });

  test('is set anew and cleared', () => {
    using timer = new TimerFd();
    assert(!expires(timer, 0));
    timer.clear();
    timer.set(1);
    timer.clear();
    assert(!expires(timer, 0));
    timer.set(1);
    timer.set(monotonicNs() + 3600e9);
    assert(!expires(timer, 0));
  });
});
