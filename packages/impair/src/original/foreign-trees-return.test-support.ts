import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Impairment, isNetweirError } from '@netweir/api';
import { Impairer } from '../impairer.ts';
import { Journal } from '../journal/journal.ts';
import { realAbilities } from '../wire.test-support.ts';
import { TreeMaker } from './foreign-tree.test-support.ts';
import { type ForeignSpace, makeForeignSpace, probeKinds } from './foreign-trees.test-support.ts';

/**
 * Builds trees as other people may have them, impairs the interface, and has another process's Impairer, which
 * knows what the journal tells, clear it: everything must be as it was.
 */
export async function foreignTreesReturn(
  t: TestContext,
  seeds: number,
  impairment: Impairment,
): Promise<void> {
  const space = makeForeignSpace(t, 'r');
  const kinds = probeKinds(space);
  for (let seed = 0; seed < seeds; seed++) {
    const commands = new TreeMaker(seed, kinds).make();
    space.tc(commands);
    const before = space.shown();
    await using impairer = impairerOf(space);
    const isLossy = before.some((object) => /^qdisc (?:red|choke) /u.test(object));
    if (isLossy && impairment.engine === 'kernel') {
      const code = refusal(() => impairer.impairer.apply(space.at, impairment, undefined));
      assert.equal(code, 'original-not-restorable', `seed ${seed}`);
      assert.deepEqual(space.shown(), before, `seed ${seed}, refused`);
    }
    impairer.impairer.apply(space.at, { ...impairment, replace: isLossy }, undefined);
    await using another = impairerOf(space);
    await impairer.impairer.close();
    another.impairer.clear(space.at);
    assert.deepEqual(await settled(space, before), before, `seed ${seed}:\n${commands.join('\n')}`);
    space.strip();
  }
}

/** What is there when the kernel has freed what filters that are gone had, such as references to actions. */
async function settled({ shown }: ForeignSpace, before: readonly string[]): Promise<string[]> {
  const deadline = performance.now() + 2000;
  for (;;) {
    const now = shown();
    if (isDeepStrictEqual(now, before) || performance.now() > deadline) return now;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (isNetweirError(error)) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

function impairerOf({ stateDirectory }: ForeignSpace): AsyncDisposable & { impairer: Impairer } {
  const impairer = new Impairer({
    journal: new Journal(stateDirectory),
    abilities: realAbilities,
    owner: 'command',
    onEngineFailure: (error) => assert.fail(error),
  });
  return { impairer, [Symbol.asyncDispose]: () => impairer.close() };
}
