import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Discovery } from './discovery.ts';
import { discoverOnce } from './once.ts';
import {
  type Comparable,
  discovered,
  follow,
  makeNamespaces,
  until,
} from './witness.test-support.ts';

const OPERATIONS = 300;

/** A generator of numbers from 0 to below a limit, the same at every run (Lehmer, minstd). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48271) % 0x7fff_ffff;
    return state % limit;
  };
}

/** Any change that `ip` makes, most of which succeed. */
function randomOperation(names: readonly string[], random: (limit: number) => number): string {
  const other = names[random(names.length)];
  const link = `l${random(6)}`;
  const operations = [
    `link add ${link} type veth peer name l${random(6)} netns ${other}`,
    `link add ${link} type ifb`,
    `link add ${link} type bridge`,
    `link delete ${link}`,
    `link set ${link} name l${random(6)}`,
    `link set ${link} netns ${other}`,
    `link set ${link} mtu ${1000 + random(500)}`,
    `link set ${link} ${random(2) ? 'up' : 'down'}`,
    `link set ${link} master l${random(6)}`,
    `link set ${link} address 02:00:00:00:00:0${random(10)}`,
    `addr add 10.${random(3)}.0.${1 + random(9)}/24 dev ${link}`,
    `addr flush dev ${link}`,
  ];
  return operations[random(operations.length)] ?? '';
}

/** Runs lines of `ip` in a namespace, past those that fail. */
async function ipBatchIn(name: string, lines: readonly string[]): Promise<void> {
  const ip = spawn('ip', ['-n', name, '-force', '-batch', '-'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  ip.stdin.end(lines.join('\n'));
  await once(ip, 'close');
}

/** The interfaces of some namespaces with their peers, as text. */
function comparable(
  spaces: Pick<Discovery, 'space'>,
  names: readonly string[],
): Record<string, Comparable[]> {
  return Object.fromEntries(
    names.map((name) => {
      const space = spaces.space(`netns:${name}`);
      const peers = [...(space?.interfaces.values() ?? [])].map(({ peer }) => ({ peer }));
      return [name, discovered(space).map((known, index) => ({ ...known, ...peers[index] }))];
    }),
  );
}

for (const seed of [1, 2, 3]) {
  test(`after ${OPERATIONS} random operations (seed ${seed}) the state equals a new snapshot`, async (t) => {
    const names = makeNamespaces(t, 4);
    await using discovery = await Discovery.open();
    const copy = follow(discovery);
    const random = randomNumbers(seed);
    const share = OPERATIONS / names.length;
    await Promise.all(
      names.map((name) =>
        ipBatchIn(
          name,
          Array.from({ length: share }, () => randomOperation(names, random)),
        ),
      ),
    );
    const isSettled = () => {
      using fresh = discoverOnce();
      const space = (id: string) => fresh.spaces.find((known) => known.id === id);
      try {
        assert.deepEqual(comparable(discovery, names), comparable({ space }, names));
        return true;
      } catch (error) {
        if (error instanceof assert.AssertionError) return false;
        throw error;
      }
    };
    await until(discovery, 'the same as a new snapshot', isSettled, 2000);
    for (const name of names) {
      const id = `netns:${name}`;
      const told = [...(copy.get(id)?.values() ?? [])].sort((a, b) => a.ifindex - b.ifindex);
      assert.deepEqual(told, [...(discovery.space(id)?.interfaces.values() ?? [])]);
    }
  });
}
