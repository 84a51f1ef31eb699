import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LabState } from '@netweir/api';
import { device, lab, plug, router, TOWN } from './lab.test-helper.ts';
import { labModel } from './lab-model.ts';
import { type Box, extentOf, layOut, NARROW, WIDE } from './layout.ts';
import { routesOf } from './routes.ts';

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function star(devices: number): LabState {
  return lab({
    routers: [router('home', 'ix')],
    devices: numbered(devices, (index) => device(`d${index}`, plug('eth0', 'home'))),
  });
}

function region(name: string): LabState['regions'][number] {
  const interfaces = [plug('ix', 'ix')];
  return { name, node: `region-${name}`, ipv4: null, ipv6: null, interfaces };
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
      for (const format of [WIDE, NARROW]) {
        const boxes = [...layOut(model, format).boxes];
        assert.equal(boxes.length, model.nodes.length);
        for (const [at, [one, box]] of boxes.entries()) {
          for (const [other, next] of boxes.slice(at + 1)) {
            assert.ok(!overlaps(box, next), `${one} and ${other}`);
          }
        }
      }
    });
  }

  test('are all in sight at a size that can be read, with 100 nodes', () => {
    const { room } = WIDE;
    for (const state of [star(98), TREE]) {
      const { width, height } = extentOf(layOut(labModel(state), WIDE).boxes.values());
      assert.ok(Math.min(room.width / width, room.height / height) > 0.35, `${width} × ${height}`);
    }
  });

  test('can be read on a phone with three regions side by side', () => {
    const state = lab({
      regions: ['eu', 'us', 'asia'].map((name) => region(name)),
      routers: ['eu', 'us', 'asia'].map((name) => router(`r-${name}`, `region-${name}`)),
    });
    const { width } = extentOf(layOut(labModel(state), NARROW).boxes.values());
    assert.ok(NARROW.room.width / width > 0.9, `${width}`);
  });

  test('are from above to below, and from left to right as in the lab', () => {
    const { boxes } = layOut(labModel(TREE), WIDE);
    const at = (id: string): Box => boxes.get(id) ?? assert.fail(id);
    assert.ok(at('ix').y < at('r0').y && at('r0').y < at('d0').y);
    assert.ok(at('r0').x < at('r1').x && at('r8').x < at('r9').x);
  });

  test('give every link a line and a label, and labels at one node a place of their own', () => {
    const model = labModel(TOWN);
    const routes = routesOf(model, layOut(model, WIDE));
    assert.equal(routes.size, model.edges.length);
    assert.ok([...routes.values()].every(({ path }) => !path.includes('NaN')));
    assert.notDeepEqual(routes.get('phone/wlan0')?.label.y, routes.get('phone/cell0')?.label.y);
  });
});
