import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { KernelError } from '../errors.ts';
import * as libc from '../libc.ts';
import { monotonicNs } from '../monotonic-clock.ts';
import { DeadlineMap } from './deadline-map.ts';
import { assemble, BPF_EXIT_INSN } from './instruction.ts';
import { loadClassifier } from './program.ts';
import { markAndRedirectIngress, redirectWhileAlive, STAMP_LENGTH } from './redirect.ts';

const BPF_PROG_TEST_RUN = 10;
const TC_ACT_UNSPEC = 0xffff_ffff;
const TC_ACT_REDIRECT = 7;
const SKB_MARK = 8;
const HOUR_NS = 3600e9;
const MARK = 0x4e57_0001;

/** What a program says of a packet with `mark`, the mark with which it leaves it, and what it makes of it. */
function runPacket(
  programFd: number,
  mark = 0,
): { verdict: number; mark: number; packet: Uint8Array } {
  const packet = new Uint8Array(64);
  const out = new Uint8Array(128);
  const context = new DataView(new ArrayBuffer(192));
  context.setUint32(SKB_MARK, mark, true);
  const contextBytes = new Uint8Array(context.buffer);
  const attributes = new DataView(new ArrayBuffer(64));
  attributes.setUint32(0, programFd, true);
  attributes.setUint32(8, packet.length, true);
  attributes.setUint32(12, out.length, true);
  attributes.setBigUint64(16, BigInt(libc.addressOf(packet)), true);
  attributes.setBigUint64(24, BigInt(libc.addressOf(out)), true);
  attributes.setUint32(40, contextBytes.length, true);
  attributes.setUint32(44, contextBytes.length, true);
  attributes.setBigUint64(48, BigInt(libc.addressOf(contextBytes)), true);
  attributes.setBigUint64(56, BigInt(libc.addressOf(contextBytes)), true);
  assert.equal(libc.bpf(BPF_PROG_TEST_RUN, new Uint8Array(attributes.buffer)), 0);
  return {
    verdict: attributes.getUint32(4, true),
    mark: context.getUint32(SKB_MARK, true),
    packet: out.subarray(0, attributes.getUint32(12, true)),
  };
}

function run(programFd: number, mark = 0): { verdict: number; mark: number } {
  const { verdict, mark: left } = runPacket(programFd, mark);
  return { verdict, mark: left };
}

function loaded(t: TestContext, instructions: Uint8Array): number {
  const fd = loadClassifier('netweir_test', instructions);
  t.after(() => void libc.close(fd));
  return fd;
}

describe('Programs that redirect', () => {
  test('hand packets on while the deadline is ahead, and let them pass when it is not', (t) => {
    using deadline = new DeadlineMap();
    const fd = loaded(t, redirectWhileAlive({ mapFd: deadline.fd, tapIfindex: 1, mark: MARK }));
    assert.equal(run(fd).verdict, TC_ACT_UNSPEC);
    deadline.set(monotonicNs() + HOUR_NS);
    assert.equal(run(fd).verdict, TC_ACT_REDIRECT);
    deadline.set(monotonicNs() - 1);
    assert.equal(run(fd).verdict, TC_ACT_UNSPEC);
  });

  test('take the mark from a packet that has been redirected, and let it pass', (t) => {
    using deadline = new DeadlineMap();
    const options = { mapFd: deadline.fd, tapIfindex: 1, mark: MARK };
    const fd = loaded(t, redirectWhileAlive(options));
    for (const deadlineNs of [0, monotonicNs() + HOUR_NS]) {
      deadline.set(deadlineNs);
      assert.deepEqual(run(fd, MARK), { verdict: TC_ACT_UNSPEC, mark: 0 });
    }
  });

  test('heed the deadline alone for packets with other marks, which those keep', (t) => {
    using deadline = new DeadlineMap();
    const options = { mapFd: deadline.fd, tapIfindex: 1, mark: MARK };
    const fd = loaded(t, redirectWhileAlive(options));
    for (const mark of [0, 1, MARK - 1, 0xffff_ffff]) {
      deadline.set(0);
      assert.deepEqual(run(fd, mark), { verdict: TC_ACT_UNSPEC, mark });
      deadline.set(monotonicNs() + HOUR_NS);
      assert.deepEqual(run(fd, mark), { verdict: TC_ACT_REDIRECT, mark });
    }
  });

  test('put the time before what they hand on, and nothing before what they let pass', (t) => {
    using deadline = new DeadlineMap();
    const options = { mapFd: deadline.fd, tapIfindex: 1, mark: MARK };
    const fd = loaded(t, redirectWhileAlive(options));
    assert.equal(runPacket(fd).packet.length, 64);
    const before = monotonicNs();
    deadline.set(before + HOUR_NS);
    assert.equal(runPacket(fd, MARK).packet.length, 64);
    const { verdict, packet } = runPacket(fd);
    assert.equal(verdict, TC_ACT_REDIRECT);
    assert.equal(packet.length, 64 + STAMP_LENGTH);
    const stamp = new DataView(packet.buffer, packet.byteOffset).getBigUint64(0, true);
    assert.ok(before <= stamp && stamp <= monotonicNs(), `${stamp}`);
  });

  test('mark what they hand to another interface', (t) => {
    const fd = loaded(t, markAndRedirectIngress({ ifindex: 1, mark: MARK }));
    assert.deepEqual(run(fd), { verdict: TC_ACT_REDIRECT, mark: MARK });
  });

  test('have a mark that comparisons do not sign-extend, and an interface', () => {
    for (const mark of [0, -1, 0x8000_0000, 1.5]) {
      assert.throws(() => markAndRedirectIngress({ ifindex: 1, mark }), RangeError);
      const options = { mapFd: 3, tapIfindex: 1, mark };
      assert.throws(() => redirectWhileAlive(options), RangeError);
    }
    assert.throws(() => redirectWhileAlive({ mapFd: 3, tapIfindex: 0, mark: MARK }), RangeError);
  });

  test("are refused with the verifier's own words where they are wrong", () => {
    assert.throws(
      () => loadClassifier('netweir_bad', assemble([BPF_EXIT_INSN()])),
      (error) => {
        assert(error instanceof KernelError);
        assert.equal(error.errnoName, 'EACCES');
        assert.match(error.kernelText ?? '', /R0 !read_ok/);
        return true;
      },
    );
  });
});
