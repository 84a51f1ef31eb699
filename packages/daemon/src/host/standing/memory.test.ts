import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InterfaceNetwork } from '@netweir/api';
import { container, pod } from '../../container.test-support.ts';
import { Memory, type Remembered } from './memory.ts';

const delay = (mean: string): Remembered => ({
  impairment: { egress: { delay: { mean } } },
  expiresAt: undefined,
});
const network = (name: string): InterfaceNetwork => ({
  name,
  driver: null,
  internal: false,
  gateways: [],
});
const ETH0 = { name: 'eth0', network: null };

describe('what a person set on an interface of a container', () => {
  test('is known again by the name of the container and of the interface', () => {
    const memory = new Memory();
    memory.put(container({ id: 'a' }), ETH0, delay('1ms'));
    assert.deepEqual(memory.find(container({ id: 'b' }), ETH0), delay('1ms'));
    assert.equal(memory.find(container({ name: 'other' }), ETH0), undefined);
    assert.equal(memory.find(container({ runtime: 'podman' }), ETH0), undefined);
    assert.equal(memory.find(container(), { ...ETH0, name: 'eth1' }), undefined);
  });

  test('is known again by its network, whatever the interface is called', () => {
    const memory = new Memory();
    memory.put(container(), { name: 'eth0', network: network('back') }, delay('1ms'));
    const eth1 = { name: 'eth1', network: network('back') };
    assert.deepEqual(memory.find(container(), eth1), delay('1ms'));
    assert.equal(memory.find(container(), { ...eth1, network: network('front') }), undefined);
    assert.equal(memory.find(container(), ETH0), undefined);
  });

  test('is known by the name of the interface where its network came later', () => {
    const memory = new Memory();
    memory.put(container(), ETH0, delay('1ms'));
    const known = { name: 'eth0', network: network('back') };
    assert.deepEqual(memory.find(container(), known), delay('1ms'));
    memory.put(container(), known, delay('2ms'));
    assert.deepEqual(memory.find(container(), known), delay('2ms'));
    assert.equal(memory.find(container(), ETH0), undefined);
  });

  test("is something else at the host's end, and goes with a renamed container from there, too", () => {
    const memory = new Memory();
    memory.put(container(), ETH0, delay('1ms'));
    memory.put(container(), ETH0, delay('2ms'), 'host');
    assert.deepEqual(memory.find(container(), ETH0), delay('1ms'));
    memory.delete(container(), ETH0);
    memory.rename(container(), container({ name: 'www' }));
    assert.deepEqual(memory.find(container({ name: 'www' }), ETH0, 'host'), delay('2ms'));
    memory.delete(container({ name: 'www' }), ETH0, 'host');
    assert.equal(memory.find(container({ name: 'www' }), ETH0, 'host'), undefined);
  });

  test('belongs to the pod, whichever of its containers is the first', () => {
    const memory = new Memory();
    memory.put(container({ name: 'pause', pod: pod() }), ETH0, delay('1ms'));
    assert.deepEqual(memory.find(container({ name: 'app', pod: pod() }), ETH0), delay('1ms'));
    const other = container({ name: 'pause', pod: pod({ name: 'cart-1' }) });
    assert.equal(memory.find(other, ETH0), undefined);
  });

  test('is forgotten when it is cleared and when its lease is over', () => {
    const memory = new Memory();
    memory.put(container(), ETH0, delay('1ms'));
    memory.delete(container(), { name: 'eth0', network: network('back') });
    assert.equal(memory.find(container(), ETH0), undefined);
    memory.put(container(), ETH0, { ...delay('1ms'), expiresAt: new Date(Date.now() - 1) });
    assert.equal(memory.find(container(), ETH0), undefined);
    const expiresAt = new Date(Date.now() + 60_000);
    memory.put(container(), ETH0, { ...delay('1ms'), expiresAt });
    assert.deepEqual(memory.find(container(), ETH0), { ...delay('1ms'), expiresAt });
  });

  test('is kept for the 1,000 newest', () => {
    const memory = new Memory();
    for (let n = 0; n < 1000; n++) memory.put(container({ name: `c${n}` }), ETH0, delay('1ms'));
    memory.put(container({ name: 'c0' }), ETH0, delay('2ms'));
    memory.put(container({ name: 'new' }), ETH0, delay('3ms'));
    assert.deepEqual(memory.find(container({ name: 'c0' }), ETH0), delay('2ms'));
    assert.equal(memory.find(container({ name: 'c1' }), ETH0), undefined);
    assert.deepEqual(memory.find(container({ name: 'c2' }), ETH0), delay('1ms'));
  });

  test('is forgotten by what names its container, but for those that are kept', () => {
    const memory = new Memory();
    for (const name of ['web', 'web1', 'db']) memory.put(container({ name }), ETH0, delay('1ms'));
    memory.put(container({ name: 'web1' }), { ...ETH0, name: 'eth1' }, delay('1ms'), 'host');
    const gone = { ...delay('1ms'), expiresAt: new Date(Date.now() - 1) };
    memory.put(container({ name: 'web2' }), ETH0, gone);
    const running = [container({ name: 'web', id: 'other' })];
    assert.deepEqual(memory.forget({ space: 'docker:x', interface: undefined }, running), []);
    assert.deepEqual(memory.forget({ space: 'docker:web*', interface: 'eth1' }, running), [
      { space: 'docker:web1', interface: 'eth1', at: 'host' },
    ]);
    assert.deepEqual(memory.forget({ space: 'docker:web*', interface: undefined }, running), [
      { space: 'docker:web1', interface: 'eth0', at: 'container' },
    ]);
    assert.equal(memory.find(container({ name: 'web1' }), ETH0), undefined);
    assert.deepEqual(memory.find(container({ name: 'web' }), ETH0), delay('1ms'));
    const left = memory.forget(undefined, running).map(({ space }) => space);
    assert.deepEqual(left, ['docker:web', 'docker:db']);
    assert.equal(memory.find(container({ name: 'web' }), ETH0), undefined);
  });

  test('goes with a container that is renamed, and no further', () => {
    const memory = new Memory();
    memory.put(container({ name: 'web' }), ETH0, delay('1ms'));
    memory.put(container({ name: 'web1' }), ETH0, delay('2ms'));
    memory.rename(container({ name: 'web' }), container({ name: 'www' }));
    assert.equal(memory.find(container({ name: 'web' }), ETH0), undefined);
    assert.deepEqual(memory.find(container({ name: 'www' }), ETH0), delay('1ms'));
    assert.deepEqual(memory.find(container({ name: 'web1' }), ETH0), delay('2ms'));
  });
});
