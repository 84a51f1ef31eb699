import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Counters,
  type EventMessage,
  type Inventory,
  type Netweir,
  NetweirError,
} from '@netweir/api';
import { nic, space } from './inventory.test-helper.ts';
import { InventoryStore } from './inventory-store.ts';
import { keyOf } from './rate-book.ts';

const COUNTERS: Counters = { ...nic('eth0').counters, atMs: 1000 };
const ETH0 = nic('eth0', { ifindex: 2, counters: COUNTERS });

const INVENTORY: Inventory = {
  hostname: 'h',
  kernel: '6.18',
  spaces: [space('host', 'host', { interfaces: [ETH0] })],
  unreadable: [],
  runtimes: [],
  stopped: [],
  probes: [],
  labs: [],
};

interface Script {
  say: (message: EventMessage) => void;
  end: () => void;
  watched: number;
  refusal: NetweirError | undefined;
}

/** A daemon that says what the test tells it to say. */
function scripted(): { netweir: Netweir; script: Script } {
  const script: Script = { say: () => {}, end: () => {}, watched: 0, refusal: undefined };
  const never = (): Promise<never> => Promise.reject(new Error('not part of this test'));
  const netweir: Netweir = {
    inventory: never,
    impairment: never,
    setImpairment: never,
    previewImpairment: never,
    confirmImpairment: never,
    clearImpairment: never,
    setLink: never,
    forget: never,
    restore: never,
    rules: never,
    putRule: never,
    deleteRule: never,
    putProbe: never,
    measure: never,
    deleteProbe: never,
    labs: never,
    lab: never,
    labNamespaces: never,
    changeLab: never,
    putLab: never,
    deleteLab: never,
    capabilities: () => (script.refusal ? Promise.reject(script.refusal) : never()),
    watch: (onMessage, onEnd) => {
      script.watched++;
      script.say = onMessage;
      script.end = () => onEnd();
      return Promise.resolve(() => {});
    },
  };
  return { netweir, script };
}

function connected(): { store: InventoryStore; script: Script } {
  const { netweir, script } = scripted();
  const store = new InventoryStore(netweir);
  store.connect();
  script.say({ type: 'snapshot', sequence: 0, inventory: INVENTORY });
  return { store, script };
}

function nextState(store: InventoryStore): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = store.subscribe(() => {
      unsubscribe();
      resolve();
    });
  });
}

describe('InventoryStore', () => {
  test('a snapshot is the inventory and makes the connection live', () => {
    const { store } = connected();
    assert.deepEqual(store.connection(), { state: 'live' });
    assert.equal(store.inventory(), INVENTORY);
    store.close();
  });

  test('counters become rates and leave the inventory as it is', () => {
    const { store, script } = connected();
    const counters = { ...COUNTERS, atMs: 2000, rxBytes: 125 };
    const change = { type: 'counters', space: 'host', ifindex: 2, counters } as const;
    script.say({ type: 'changes', sequence: 1, changes: [change] });
    assert.deepEqual(store.rates.view(keyOf('host', 2)).rxBitPerSec, [1000]);
    assert.equal(store.inventory(), INVENTORY);
    store.close();
  });

  test('an interface that comes later and stands still has a rate of zero', () => {
    const { store, script } = connected();
    const lo = { ...ETH0, ifindex: 1, name: 'lo' };
    const netns = space('netns', 'a', { inode: 2, interfaces: [lo] });
    script.say({
      type: 'changes',
      sequence: 1,
      changes: [{ type: 'space', space: netns }],
    });
    const counters = { ...COUNTERS, atMs: 9000, rxBytes: 125 };
    script.say({
      type: 'changes',
      sequence: 2,
      changes: [{ type: 'counters', space: 'host', ifindex: 2, counters }],
    });
    assert.deepEqual(store.rates.view(keyOf('netns:a', 1)).rxBitPerSec, [0]);
    store.close();
  });

  test('another change gives another inventory', () => {
    const { store, script } = connected();
    const change = { type: 'interface-removed', space: 'host', ifindex: 2 } as const;
    script.say({ type: 'changes', sequence: 1, changes: [change] });
    assert.deepEqual(store.inventory()?.spaces[0]?.interfaces, []);
    store.close();
  });

  test('after a loss the last inventory stays and the store connects again', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { store, script } = connected();
    const lost = nextState(store);
    script.end();
    await lost;
    assert.equal(store.connection().state, 'lost');
    assert.equal(store.inventory(), INVENTORY);
    context.mock.timers.tick(500);
    assert.equal(script.watched, 2);
    script.say({ type: 'snapshot', sequence: 0, inventory: INVENTORY });
    assert.equal(store.connection().state, 'live');
    store.close();
  });

  test('a refused token is not tried again', async () => {
    const { store, script } = connected();
    script.refusal = new NetweirError('unauthorized', 'the token is wrong');
    const refused = nextState(store);
    script.end();
    await refused;
    assert.deepEqual(store.connection(), { state: 'refused', error: script.refusal });
    assert.equal(script.watched, 1);
  });
});
