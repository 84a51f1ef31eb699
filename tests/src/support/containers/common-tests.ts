import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Container, ImpairmentReport, Inventory, Space } from '@netweir/api';
import { type Finished, netweir } from '../command.ts';
import { Daemon, Site } from '../daemon.ts';
import { until } from '../witness.ts';
import { only } from './config.ts';
import { type Facts, inspect, shownFacts } from './facts.ts';
import { interfacesInside, stateInside } from './inside.ts';
import { Machine } from './machine.ts';
import { type Pair, pingAll, pingMs } from './pings.ts';
import type { Runtime } from './runtime.ts';
import { MEMBERS, populate } from './set.ts';
import { pairs, wishes } from './shaping.ts';

const SHOWN_WITHIN_MS = 10_000;
/** What a round trip without any delay takes at most, on a busy machine too. */
const UNDELAYED_MS = 8;
const COMMANDS_AT_A_TIME = 2;

interface StartableRuntime {
  readonly name: string;
  start(machine: Machine): Promise<Runtime>;
}

/** What has to hold for the containers of each runtime that has networks of its own. */
export function testContainersOf(kind: StartableRuntime): void {
  describe(`thirty containers of ${kind.name}`, () => {
    let machine: Machine;
    let runtime: Runtime;
    let site: Site;
    let daemon: Daemon;
    let facts: ReadonlyMap<string, Facts>;

    before(async () => {
      machine = new Machine();
      runtime = await kind.start(machine);
      await populate(runtime);
      const names = MEMBERS.map(({ name }) => name);
      facts = await inspect(runtime, names);
      site = new Site({ namespace: machine.namespace, config: only(runtime) });
      daemon = await Daemon.start(site);
      await until('all containers are shown', SHOWN_WITHIN_MS, async () => {
        return shown(await daemon.netweir.inventory()).size >= names.length;
      });
    });

    after(async () => {
      try {
        await daemon?.[Symbol.asyncDispose]();
        site?.[Symbol.dispose]();
        await runtime?.[Symbol.asyncDispose]();
      } finally {
        machine?.[Symbol.dispose]();
      }
    });

    afterEach(() => clearContainers());

    const command = async (...args: string[]): Promise<Finished> => {
      const finished = await netweir(site, ...args);
      assert.equal(finished.code, 0, `netweir ${args.join(' ')}: ${finished.stderr}`);
      return finished;
    };
    const target = (name: string): string => `${runtime.name}:${name}`;
    /** Not `--all`, which would be other namespaces of this machine too. */
    const clearContainers = () => command('clear', target('*/eth*'));
    const factsOf = (name: string): Facts => {
      const found = facts.get(name);
      if (!found) throw new Error(`${runtime.name} does not know ${name}`);
      return found;
    };
    /** One that runs, and so has a process. */
    const pidOf = (name: string): number => factsOf(name).pid ?? Number.NaN;
    const spaceOf = async (name: string): Promise<Space> => {
      const { spaces } = await daemon.netweir.inventory();
      const space = spaces.find(({ id, aliases }) => [id, ...aliases].includes(target(name)));
      assert.ok(space, `no space is ${target(name)}`);
      return space;
    };

    test('are shown as the runtime itself has them', async () => {
      const inventory = await daemon.netweir.inventory();
      const containers = shown(inventory);
      assert.deepEqual([...containers.keys()].sort(), [...facts.keys()].sort());
      for (const [name, expected] of facts) {
        const container = containers.get(name);
        assert.deepEqual(container && shownFacts(container), expected);
        assert.equal(container?.runtime, runtime.name);
      }
      assert.deepEqual(
        inventory.runtimes.map(({ state }) => state),
        ['current'],
      );
    });

    test('have the interfaces that ip sees in them, each on its network', async () => {
      for (const { name, pid, networks } of facts.values()) {
        if (pid === null || (networks.length === 0 && name !== 'lonely')) continue;
        const space = await spaceOf(name);
        assert.equal(space.id, target(name));
        const shownInterfaces = space.interfaces
          .filter(({ kind }) => kind !== 'loopback')
          .map((one) => [one.name, one.mac, one.network?.name, one.network?.internal]);
        const expected = interfacesInside(pid).map(({ ifname, address }) => {
          const network = networks.find(({ mac }) => mac === address);
          return [ifname, address, network?.name, network?.internal];
        });
        assert.deepEqual(shownInterfaces, expected, name);
      }
    });

    test('are found by the names of those that share a namespace', async () => {
      const names = ['web-1', 'share1', 'share2'];
      const [space] = await Promise.all(names.map(spaceOf));
      assert.deepEqual(space?.containers.map(({ name }) => name).sort(), names.toSorted());
      const { spaces } = await daemon.netweir.inventory();
      const host = spaces.find(({ id }) => id === 'host');
      assert.deepEqual(host?.containers.map(({ name }) => name).sort(), ['host1', 'host2']);
    });

    test('belong to their compose projects', async () => {
      const containers = shown(await daemon.netweir.inventory());
      const compose = (name: string) => containers.get(name)?.compose;
      assert.deepEqual(compose('shop-cart-2'), { project: 'shop', service: 'cart' });
      assert.deepEqual(compose('blog-db-1'), { project: 'blog', service: 'db' });
      assert.equal(compose('web-1'), null);
    });

    test('are delayed as set in both directions, and then are as before', async () => {
      const all = [...facts.values()];
      const wanted = wishes(all);
      const added = new Map(wanted.map(({ name, addedMs }) => [name, addedMs]));
      const before = new Map(wanted.map(({ name }) => [name, stateInside(pidOf(name))]));
      const routes = pairs(all);

      const queue = [...wanted];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          await command('set', target(next.name), ...next.options);
        }
      };
      await Promise.all(Array.from({ length: COMMANDS_AT_A_TIME }, worker));
      const delayed = await pingAll(runtime, routes);
      const expected = ({ from, to }: Pair) => (added.get(from) ?? 0) + (added.get(to) ?? 0);
      assert.deepEqual(
        routes.filter((pair, index) => !isNear(delayed[index], expected(pair))),
        [],
        `asked ${routes.map(expected).join(' ')}, got ${delayed.join(' ')}`,
      );

      await clearContainers();
      for (const [name, state] of before) assert.equal(stateInside(pidOf(name)), state, name);
      const cleared = await pingAll(runtime, routes);
      assert.deepEqual(
        cleared.filter((ms) => !(ms < UNDELAYED_MS)),
        [],
      );
    });

    test('share what is set by the name of one of them', async () => {
      await command('set', `${target('share1')}/eth0`, '--delay', '25ms');
      const { stdout } = await command('show', `${target('web-1')}/eth0`, '--json');
      const [report] = JSON.parse(stdout) as ImpairmentReport[];
      assert.deepEqual(report?.egress, { delay: { mean: '25ms' } });
      await command('clear', `${target('share2')}/eth0`);
      const after = await daemon.netweir.impairment({ space: target('web-1'), interface: 'eth0' });
      assert.equal(after.egress, null);
    });

    test('are refused where they have no interface, with the name in the message', async () => {
      const finished = await netweir(site, 'set', `${target('lonely')}/eth0`, '--delay', '10ms');
      assert.notEqual(finished.code, 0);
      assert.match(finished.stderr, /lonely/u);
    });

    for (const at of ['host', 'bridge'] as const) {
      test(`are delayed at the ${at} of their interface, and nothing happens inside`, async () => {
        const { networks, pid } = factsOf('web-2');
        const [gateway = ''] = networks[0]?.gateways ?? [];
        const route = { from: 'web-2', to: 'gateway', address: gateway };
        const inner = stateInside(pid ?? 0);
        const outer = machine.run('tc', 'qdisc', 'show');
        const eth0 = `${target('web-2')}/eth0`;
        await command('set', eth0, '--delay', '40ms', '--at', at);
        try {
          const ms = await pingMs(runtime, route);
          assert.ok(isNear(ms, 40), `${ms} ms`);
          assert.equal(stateInside(pid ?? 0), inner);
        } finally {
          await command('clear', eth0, '--at', at);
        }
        assert.equal(machine.run('tc', 'qdisc', 'show'), outer);
        assert.ok((await pingMs(runtime, route)) < UNDELAYED_MS);
      });
    }
  });
}

function isNear(actualMs: number | undefined, expectedMs: number): boolean {
  if (actualMs === undefined) return false;
  return actualMs >= expectedMs - 1 && actualMs <= expectedMs + UNDELAYED_MS;
}

/** All containers of an inventory by name, those that are stopped too. */
function shown({ spaces, stopped }: Inventory): Map<string, Container> {
  const all = [...spaces.flatMap(({ containers }) => containers), ...stopped];
  return new Map(all.map((container) => [container.name, container]));
}
