import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LabState } from '@netweir/api';
import { device, lab, plug, router, TOWN } from './lab.test-helper.ts';
import { labModel } from './lab-model.ts';
import { type Box, extentOf, layOut } from './layout.ts';
import { routesOf } from './routes.ts';

const ROOM = { width: 1200, height: 640 };

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function star(devices: number): LabState {
  return lab({
    routers: [router('home', 'ix')],
    devices: numbered(devices, (index) => device(`d${index}`, plug('eth0', 'home'))),
  });
}

function overlaps(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

const TREE = lab({
  routers: numbered(10, (index) => router(`r${index}`, 'ix')),
  devices: numbered(90, (index) => device(`d${index}`, plug('eth0', `r${index % 10}`))),
});

describe('The places of a lab', () => {
  for (const [what, state] of [
    ['two regions and a phone at two routers', TOWN],
    ['a router with 98 devices', star(98)],
    ['ten routers with nine devices each', TREE],
  ] as const) {
    test(`overlap nowhere: ${what}`, () => {
      const model = labModel(state);
      const boxes = [...layOut(model, ROOM).boxes];
      assert.equal(boxes.length, model.nodes.length);
      for (const [at, [one, box]] of boxes.entries()) {
        for (const [other, next] of boxes.slice(at + 1)) {
          assert.ok(!overlaps(box, next), `${one} and ${other}`);
        }
      }
    });
  }

  test('are all in sight at a size that can be read, with 100 nodes', () => {
    for (const state of [star(98), TREE]) {
      const { width, height } = extentOf(layOut(labModel(state), ROOM).boxes.values());
      assert.ok(Math.min(ROOM.width / width, ROOM.height / height) > 0.35, `${width} × ${height}`);
    }
  });

  test('are from above to below, and from left to right as in the lab', () => {
    const { boxes } = layOut(labModel(TREE), ROOM);
    const at = (id: string): Box => boxes.get(id) ?? assert.fail(id);
    assert.ok(at('ix').y < at('r0').y && at('r0').y < at('d0').y);
    assert.ok(at('r0').x < at('r1').x && at('r8').x < at('r9').x);
  });

  test('give every link a line and a label, and labels at one node a place of their own', () => {
    const model = labModel(TOWN);
    const routes = routesOf(model, layOut(model, ROOM));
    assert.equal(routes.size, model.edges.length);
    assert.ok([...routes.values()].every(({ path }) => !path.includes('NaN')));
    assert.notDeepEqual(routes.get('phone/wlan0')?.label.y, routes.get('phone/cell0')?.label.y);
  });
});
