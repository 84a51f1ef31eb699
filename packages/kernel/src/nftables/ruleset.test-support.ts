import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setLinkUp } from '../route/link-change.ts';
import { addVeth } from '../route/link-create.ts';
import { type Command, commit } from './transaction.ts';
import { makeSpace, ruleset, type Space } from './witness.test-support.ts';

/** The same ruleset in nft's words and in ours. */
export interface Case {
  readonly nft: string;
  readonly commands: readonly Command[];
}

/** One test for each case: whether nft lists for ours what it lists for its own. */
export function compareRulesets(cases: Readonly<Record<string, Case>>): void {
  for (const [name, { nft, commands }] of Object.entries(cases)) {
    test(name, (t) => {
      const [ours, theirs] = [makeSpace(t), makeSpace(t)];
      for (const { netns } of [ours, theirs]) {
        using route = netns.netlink();
        route.request(addVeth({ name: 'v0' }, { name: 'v1' }));
        route.request(setLinkUp({ name: 'v0' }));
      }
      theirs.run('nft', ['-f', '-'], nft);
      commit(ours.netfilter, commands);
      assert.deepEqual(ruleset(ours), ruleset(theirs));
      // The JSON leaves out what `update` does to a map.
      const text = ({ run }: Space) => run('nft', ['list', 'ruleset']);
      assert.equal(text(ours), text(theirs));
    });
  }
}
