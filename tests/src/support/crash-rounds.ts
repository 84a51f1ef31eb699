import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Impairer, Journal, type Place, probeAbilities, type Reachable } from '@netweir/impair';
import { getLink, NetworkNamespace } from '@netweir/kernel';
import { makeOriginals, pick, randomImpairment, stateOf } from './crash-site.ts';
import type { KillPoint, Orders } from './crash-victim.ts';
import { TestNamespace } from './witness.ts';

const VICTIM = join(import.meta.dirname, 'crash-victim.js');
/** Longer than most sequences of changes take. */
const LONGEST_LIFE_US = 120_000;

/** What the rounds showed. */
export interface CrashFigures {
  readonly rounds: number;
  /** After how many of them something was left to restore. */
  readonly leftBehind: number;
  readonly killedThemselves: number;
  readonly longestRestoreMs: number;
  readonly roundsPerSecond: number;
}

/**
 * Has processes killed at random instants of random changes, within their journal's writes as well; after
 * each, what they left is restored, and everything must be as tc and ip told it before.
 */
export async function crashRounds(rounds: number): Promise<CrashFigures> {
  const abilities = probeAbilities();
  const directory = mkdtempSync(join(tmpdir(), 'netweir-crash-'));
  using namespace = new TestNamespace('rounds');
  using there = NetworkNamespace.openNamed(namespace.name);
  using netlink = there.netlink();
  const names = await makeOriginals(namespace, abilities);
  const before = stateOf(namespace, names);
  const startMs = performance.now();
  let leftBehind = 0;
  let killedThemselves = 0;
  let longestRestoreMs = 0;
  let next = startVictim(namespace.name, directory);
  try {
    for (let round = 1; round <= rounds; round++) {
      const victim = await next;
      next = startVictim(namespace.name, directory);
      const orders = randomOrders(names, abilities);
      const { isSelfMade, error } = await runToDeath(victim, orders);
      assert.equal(error, '', describe(round, orders));
      if (isSelfMade) killedThemselves++;
      if (!isDeepStrictEqual(stateOf(namespace, names), before)) leftBehind++;
      const reach = (place: Place): Reachable | string => {
        const [link] = netlink.query(getLink({ ifindex: place.ifindex }));
        if (!link) return 'it is gone';
        const { ifindex, name } = link;
        return { space: place.space, namespace: there, ifindex, interface: name, netlink };
      };
      const restoreMs = performance.now();
      const impairer = newImpairer(directory);
      const { failed, skipped } = impairer.restore(reach);
      longestRestoreMs = Math.max(longestRestoreMs, performance.now() - restoreMs);
      assert.deepEqual(failed, [], describe(round, orders));
      assert.deepEqual(
        skipped.filter(({ reason }) => reason !== 'it is as it was already'),
        [],
        describe(round, orders),
      );
      assert.deepEqual(impairer.entries(), [], describe(round, orders));
      assert.deepEqual(stateOf(namespace, names), before, describe(round, orders));
    }
  } finally {
    (await next).kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
  const roundsPerSecond = (rounds / (performance.now() - startMs)) * 1000;
  return { rounds, leftBehind, killedThemselves, longestRestoreMs, roundsPerSecond };
}

function newImpairer(directory: string): Impairer {
  return new Impairer({
    journal: new Journal(directory),
    abilities: probeAbilities,
    owner: 'daemon',
    onEngineFailure: (error) => {
      throw error;
    },
  });
}

async function startVictim(namespace: string, directory: string): Promise<ChildProcess> {
  const child = fork(VICTIM, [namespace, directory], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

/** Gives a victim its orders, and sees it die. */
async function runToDeath(
  victim: ChildProcess,
  orders: Orders,
): Promise<{ isSelfMade: boolean; error: string }> {
  let error = '';
  victim.stderr?.on('data', (chunk) => {
    error += chunk;
  });
  const exit = once(victim, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let isSelfMade = true;
  const kill = (): void => {
    isSelfMade = false;
    victim.kill('SIGKILL');
  };
  // One that has done everything without coming to its point is killed then.
  victim.once('message', kill);
  victim.send(orders);
  if (!orders.point) {
    waitMicroseconds(Math.random() ** 2 * LONGEST_LIFE_US);
    kill();
  }
  const [, signal] = await exit;
  // On a machine that is busy with other things, an engine may not answer in time: that is an end, too.
  const isEnd = signal === 'SIGKILL' || error.includes('it does not answer');
  return { isSelfMade, error: isEnd ? '' : error || `ended with ${signal}` };
}

function randomOrders(names: readonly string[], abilities: { readonly netem: boolean }): Orders {
  const changes = Array.from({ length: 1 + Math.floor(Math.random() * 4) }, () => {
    const link = pick(names);
    return Math.random() < 0.25
      ? { interface: link }
      : { interface: link, impairment: randomImpairment(abilities) };
  });
  // Half of them by the clock, which may fall between any two instructions.
  if (Math.random() < 0.5) return { changes };
  const point: KillPoint = {
    call: pick(['write', 'write', 'write', 'fsync', 'fsync', 'netlink', 'netlink', 'rename']),
    nth: 1 + Math.floor(Math.random() * 6),
    moment: pick(['before', 'within', 'after']),
  };
  return { changes, point };
}

/** A timer of Node's knows milliseconds only. */
function waitMicroseconds(us: number): void {
  const end = process.hrtime.bigint() + BigInt(Math.round(us * 1000));
  while (process.hrtime.bigint() < end);
}

function describe(round: number, orders: Orders): string {
  return `round ${round}: ${JSON.stringify(orders)}`;
}
