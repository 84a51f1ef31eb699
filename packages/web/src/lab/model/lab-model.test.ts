import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { device, lab, plug, router, TOWN } from './lab.test-helper.ts';
import { edgeOf, labModel, shapeOf } from './lab-model.ts';
import { conditionText, marksOf } from './words.ts';

describe('What is drawn of a lab', () => {
  test('is every node once, and every link from above to below', () => {
    const { nodes, edges } = labModel(TOWN);
    assert.deepEqual(
      nodes.map(({ id, kind }) => `${kind} ${id}`),
      [
        'exchange ix',
        'region region-eu',
        'region region-us',
        'router home',
        'router isp',
        'device phone',
      ],
    );
    assert.deepEqual(
      edges.map(({ id, from, to, status }) => `${id}: ${from} > ${to} ${status}`),
      [
        'region-eu/ix: ix > region-eu up',
        'region-us/ix: ix > region-us up',
        'home/wan: region-eu > home up',
        'isp/wan: region-us > isp up',
        'phone/wlan0: home > phone up',
        'phone/cell0: isp > phone down',
        'eu~us: region-eu > region-us up',
      ],
    );
  });

  test('says of a link which is the default, what it does, and whose counters it has', () => {
    const { edges } = labModel(TOWN);
    const [wlan, cell, across] = edges.slice(-3);
    assert.equal(wlan?.isDefault, true);
    assert.equal(cell?.isDefault, false);
    assert.deepEqual(wlan?.egress, { delay: { mean: '5ms' } });
    assert.equal(across?.ifindex, 8);
    assert.deepEqual(across?.ingress, { delay: { mean: '40ms' } });
  });

  test('finds a link between regions by either order of their names', () => {
    const model = labModel(TOWN);
    const edge = edgeOf(model, { kind: 'region-link', between: ['us', 'eu'] });
    assert.equal(edge?.id, 'eu~us');
  });

  test('tells a broken link, and one whose other end is down', () => {
    const [link] = TOWN.regionLinks;
    assert.ok(link);
    const { edges } = labModel({
      ...TOWN,
      regionLinks: [{ ...link, broken: 'blackhole' }],
      devices: [device('phone', plug('wlan0', 'home', { carrier: false }))],
    });
    assert.deepEqual(
      edges.slice(-2).map(({ status }) => status),
      ['no-carrier', 'blackhole'],
    );
  });

  test('keeps its shape whatever is set, and changes it where a link is plugged in elsewhere', () => {
    const shape = shapeOf(labModel(TOWN));
    const same = labModel({
      ...TOWN,
      sequence: 8,
      devices: [device('phone', plug('wlan0', 'home', { up: false }), plug('cell0', 'isp'))],
    });
    assert.equal(shapeOf(same), shape);
    const other = labModel({
      ...TOWN,
      devices: [device('phone', plug('wlan0', 'isp'), plug('cell0', 'isp'))],
    });
    assert.notEqual(shapeOf(other), shape);
  });

  test('has no link to a node that is gone', () => {
    assert.deepEqual(labModel(lab({ devices: [device('phone', plug('eth0', 'gone'))] })).edges, []);
  });
});

test('a condition is called by the name that it has, however it was set', () => {
  assert.equal(conditionText('wifi'), 'wifi');
  const wifi = {
    delay: { mean: '5000us', jitter: '2ms' },
    loss: { model: 'random', probability: '0.1%' },
  } as const;
  assert.equal(conditionText(wifi), 'wifi');
  assert.equal(conditionText({ delay: { mean: '5ms' } }), 'delay 5ms');
  assert.equal(conditionText(null), '');
});

test('a router is marked by what it does besides forwarding', () => {
  const marks = marksOf(
    router('home', 'ix', { nat: { hairpin: true }, natV6: 'nptv6', firewall: 'corporate' }),
  );
  assert.deepEqual(
    marks.map(({ text }) => text),
    ['NAT custom', 'nptv6', 'corporate'],
  );
  assert.deepEqual(marksOf(router('plain', 'ix')), []);
});
