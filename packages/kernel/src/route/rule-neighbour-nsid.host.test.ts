import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addNeighbour, deleteNeighbour, dumpNeighbours, replaceNeighbour } from './neighbour.ts';
import { dumpNsids, getNsid, NETNSA_NSID_NOT_ASSIGNED, setNsid } from './nsid.ts';
import { addRule, deleteRule, dumpRules } from './rule.ts';
import { makePair, makeSpace } from './witness.test-support.ts';

describe('Rules, neighbours and nsids on the running kernel', () => {
  test('rules are as ip sees them', (t) => {
    const { socket, ip: ipIn } = makeSpace(t, 'a');
    const rule = {
      family: 4,
      source: '10.0.0.0/24',
      iifName: 'v0',
      table: 1000,
      priority: 100,
    } as const;
    socket.request(addRule(rule));
    socket.request(addRule({ family: 4, fwmark: 1, fwmask: 0xff, table: 100, priority: 101 }));
    assert.throws(() => socket.request(addRule(rule)), { errnoName: 'EEXIST' });
    interface IpRule {
      readonly priority: number;
      readonly src: string;
      readonly srclen?: number;
      readonly iif?: string;
      readonly fwmark?: string;
      readonly fwmask?: string;
      readonly table: string;
    }
    const theirs = ipIn<IpRule>('rule').map((of) => ({
      priority: of.priority,
      source: of.srclen === undefined ? undefined : `${of.src}/${of.srclen}`,
      iifName: of.iif,
      fwmark: of.fwmark === undefined ? undefined : Number(of.fwmark),
      table: Number(of.table),
    }));
    const ours = socket.dump(dumpRules({ family: 4 }));
    assert.deepEqual(
      ours.map(({ priority, source, iifName, fwmark, table }) => ({
        priority,
        source,
        iifName,
        fwmark,
        table,
      })),
      theirs,
    );
    socket.request(deleteRule({ family: 4, priority: 100 }));
    assert.deepEqual(
      ipIn<IpRule>('rule').map(({ priority }) => priority),
      [0, 101, 32766, 32767],
    );
    assert.throws(() => socket.request(deleteRule({ family: 4, priority: 100 })), {
      errnoName: 'ENOENT',
    });
  });

  test('neighbours are as ip sees them', (t) => {
    const { space, ifindex } = makePair(t);
    space.socket.request(
      addNeighbour({ ifindex, address: '10.0.0.7', lladdr: '02:00:00:00:00:07' }),
    );
    space.socket.request(
      replaceNeighbour({ ifindex, address: '10.0.0.7', lladdr: '02:00:00:00:00:08' }),
    );
    space.socket.request(
      addNeighbour({ ifindex, address: '2001:db8::7', lladdr: '02:00:00:00:00:09' }),
    );
    const theirs = space
      .ip<{ dst: string; lladdr: string; state: string[] }>('neigh', 'show', 'nud', 'permanent')
      .map(({ dst, lladdr }) => `${dst} ${lladdr}`);
    const ours = space.socket
      .dump(dumpNeighbours({ ifindex }))
      .filter(({ state }) => state === 0x80);
    assert.deepEqual(
      ours.map(({ address, lladdr }) => `${address} ${lladdr}`).sort(),
      theirs.sort(),
    );
    assert.equal(ours.length, 2);
    space.socket.request(deleteNeighbour({ ifindex, address: '10.0.0.7' }));
    assert.equal(space.ip('neigh', 'show', 'nud', 'permanent').length, 1);
  });

  test('a namespace has no nsid until one is set, and then the one that ip lists', (t) => {
    const [here, there, another] = [makeSpace(t, 'a'), makeSpace(t, 'b'), makeSpace(t, 'c')];
    const { fd } = there.netns;
    assert.deepEqual(here.socket.query(getNsid(fd)), [NETNSA_NSID_NOT_ASSIGNED]);
    here.socket.request(setNsid(fd, 77));
    here.socket.request(setNsid(another.netns.fd));
    assert.deepEqual(here.socket.query(getNsid(fd)), [77]);
    const theirs = here.ip<{ nsid: number }>('netns', 'list-id').map(({ nsid }) => nsid);
    assert.deepEqual(here.socket.dump(dumpNsids()).sort(), theirs.sort());
    assert.equal(theirs.length, 2);
    assert.throws(() => here.socket.request(setNsid(fd)), { errnoName: 'EEXIST' });
  });
});
