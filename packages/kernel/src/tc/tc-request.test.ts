import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addClass, changeClass, deleteClass, replaceClass } from './class.ts';
import { addFilter, deleteFilters, dumpFilters, ETH_P_ALL } from './filter.ts';
import { addQdisc, changeQdisc, deleteQdisc, dumpQdiscs, replaceQdisc } from './qdisc.ts';
import { readTcRequest } from './tc-request.ts';
import { handle, TC_H_ROOT } from './tcmsg.ts';

const place = { ifindex: 7, parent: TC_H_ROOT, handle: handle(1), target: 'eth0' };
const classPlace = { ...place, parent: handle(1), handle: handle(1, 2) };
const pfifo = { kind: 'pfifo', limitPackets: 5 } as const;
const raw = { kind: 'htb', rawOptions: undefined };
const filterPlace = { ifindex: 7, parent: handle(1), prio: 9, target: 'eth0' };

test('a request about traffic control is read with its object and verb', () => {
  const read = [
    addQdisc(place, pfifo),
    replaceQdisc(place, pfifo),
    changeQdisc(place, pfifo),
    deleteQdisc({ ...place, kind: 'pfifo' }),
    addClass(classPlace, raw),
    replaceClass(classPlace, raw),
    changeClass(classPlace, raw),
    deleteClass(classPlace),
    addFilter({ ...filterPlace, protocol: ETH_P_ALL }, { kind: 'matchall' }),
    deleteFilters(filterPlace),
    dumpQdiscs(),
    dumpFilters(7, 0),
  ].map(readTcRequest);
  assert.deepEqual(
    read.map((one) => one && `${one.object} ${one.verb}`),
    [
      ...['qdisc add', 'qdisc replace', 'qdisc change', 'qdisc delete'],
      ...['class add', 'class replace', 'class change', 'class delete'],
      ...['filter add', 'filter delete', undefined, undefined],
    ],
  );
  const [added, , , deleted] = read;
  assert.ok(added?.object === 'qdisc' && added.verb === 'add' && deleted?.verb === 'delete');
  assert.deepEqual(added.qdisc.options, pfifo);
  assert.equal(deleted.kind, 'pfifo');
  assert.deepEqual(deleted.place, { ifindex: 7, parent: TC_H_ROOT, handle: handle(1), info: 0 });
});

test('any bytes are read as a request, or as none', () => {
  const type = fc.constantFrom(36, 37, 40, 41, 44, 45);
  fc.assert(
    fc.property(type, fc.uint8Array({ maxLength: 80 }), (one, body) => {
      assert.ok(readTcRequest({ type: one, flags: 0, body }));
    }),
  );
});
