import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as libc from '../libc.ts';
import { NetworkNamespace } from '../netns/network-namespace.ts';
import { type BatchVisitor, readBatch } from './batch.ts';
import { type ReaderCommand, ReaderLoop } from './reader-loop.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const EFD_NONBLOCK = 0x800;
const NLM_F_REQUEST_ACK = 5;
const WAKE = new Uint8Array(BigUint64Array.of(1n).buffer);

/** A netlink socket with `count` acknowledgements in its queue. */
function queuedSocket(namespace: NetworkNamespace, count: number): number {
  const fd = namespace.socket(AF_NETLINK, SOCK_RAW);
  const nothing = Uint8Array.of(16, 0, 0, 0, 1, 0, NLM_F_REQUEST_ACK, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  for (let index = 0; index < count; index++) libc.send(fd, nothing, nothing.length, 0);
  return fd;
}

/** Runs a loop until it has posted once; tells what it told, in order. */
function runLoop(fd: number, backlog: number): string[] {
  const wakeFd = libc.eventfd(1, EFD_NONBLOCK);
  const commands: ReaderCommand[] = [{ kind: 'add', handle: 7, fd }];
  const told: string[] = [];
  const visitor: BatchVisitor = {
    message: (handle, bytes) => told.push(`message ${handle} ${bytes.length}`),
    overrun: (handle) => told.push(`overrun ${handle}`),
    closed: (handle, errno) => told.push(`closed ${handle} ${errno}`),
  };
  new ReaderLoop(wakeFd, {
    receive: () => commands.shift(),
    post: (batch) => {
      readBatch(batch, visitor);
      commands.push({ kind: 'stop' });
      libc.write(wakeFd, WAKE);
    },
    backlog: () => backlog,
  }).run();
  libc.close(wakeFd);
  return told;
}

describe('ReaderLoop', () => {
  test('tells what was queued, and closes what it owns when it stops', () => {
    using namespace = NetworkNamespace.anonymous();
    const fd = queuedSocket(namespace, 3);
    const acknowledgement = 'message 7 36';
    const expected = [acknowledgement, acknowledgement, acknowledgement, 'closed 7 0'];
    assert.deepEqual(runLoop(fd, 0), expected);
    assert.equal(libc.close(fd), -9);
  });

  test('drops datagrams and reports one overrun where nobody reads what it posts', () => {
    using namespace = NetworkNamespace.anonymous();
    const fd = queuedSocket(namespace, 3);
    assert.deepEqual(runLoop(fd, 2 ** 30), ['overrun 7', 'closed 7 0']);
  });
});
