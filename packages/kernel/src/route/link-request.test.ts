import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deleteLink, setLinkDown, setLinkMtu, setLinkUp } from './link-change.ts';
import { addIfb } from './link-create.ts';
import { RTM_DELLINK, RTM_NEWLINK } from './link-message.ts';
import { getLink } from './link-query.ts';
import { readLinkRequest } from './link-request.ts';

const nothing = {
  ifindex: 0,
  name: undefined,
  kind: undefined,
  up: undefined,
  mtu: undefined,
  txqlen: undefined,
  alias: undefined,
  address: undefined,
};

test('a request about an interface is read as what it asks for', () => {
  const address = '02:00:00:00:00:01';
  assert.deepEqual(
    [
      addIfb({ name: 'ifb5', mtu: 1400, address }),
      setLinkUp({ ifindex: 5 }),
      setLinkDown({ name: 'eth0' }),
      setLinkMtu({ ifindex: 5 }, 9000),
      deleteLink({ ifindex: 5 }),
      getLink({ ifindex: 5 }),
    ].map(readLinkRequest),
    [
      { ...nothing, verb: 'add', name: 'ifb5', kind: 'ifb', mtu: 1400, address },
      { ...nothing, verb: 'set', ifindex: 5, up: true },
      { ...nothing, verb: 'set', name: 'eth0', up: false },
      { ...nothing, verb: 'set', ifindex: 5, mtu: 9000 },
      { ...nothing, verb: 'delete', ifindex: 5 },
      undefined,
    ],
  );
});

test('any bytes are read as a request, or as none', () => {
  const type = fc.constantFrom(RTM_NEWLINK, RTM_DELLINK);
  fc.assert(
    fc.property(type, fc.uint8Array({ maxLength: 80 }), (one, body) => {
      const read = readLinkRequest({ type: one, flags: 0, body });
      assert.ok(read === undefined || read.verb !== 'add');
    }),
  );
});
