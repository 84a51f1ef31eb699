import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probeKinds, makeForeignSpace } from './foreign-trees.test-support.ts';
import { TreeMaker } from './foreign-tree.test-support.ts';

const SEEDS = process.env['SEED'] ? [Number(process.env['SEED'])] : Array.from({ length: Number(process.env['SEEDS'] ?? 50) }, (_, index) => index);

describe('trees of other people, made up at random', () => {
  test('are as they were after an impairment of what is sent', (t) => {
    const space = makeForeignSpace(t, 'e');
    const kinds = probeKinds(space);
    t.diagnostic(JSON.stringify({ q: [...kinds.qdiscs], f: [...kinds.filters], a: [...kinds.actions] }));
    let bad = 0;
    for (const seed of SEEDS) {
      const tree = new TreeMaker(seed, kinds).make();
      const said = space.tc(tree.commands);
      if (process.env['SAY']) console.log(seed, tree.commands.join('\n'), said);
      const before = space.shown();
      try {
        space.impairer.apply(space.at, { egress: { rate: { rate: '5mbit' } }, engine: 'kernel', replace: tree.isLossy }, undefined);
        assert.notDeepEqual(space.shown(), before);
        space.impairer.clear(space.at);
        const after = space.shown();
        const gone = before.filter((one) => !after.includes(one));
        const come = after.filter((one) => !before.includes(one));
        if (gone.length || come.length) throw new Error(`\n-- ${gone.slice(0, 4).join('\n-- ')}\n++ ${come.slice(0, 4).join('\n++ ')}`);
        assert.deepEqual(after, before);
      } catch (error) {
        bad++;
        console.log(`seed ${seed}`, String(error).slice(0, 1500));
      }
      space.strip();
    }
    assert.equal(bad, 0);
  });
});
