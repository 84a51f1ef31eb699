import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Direction, ImpairmentReport, TrafficRule } from '@netweir/api';
import { Impairer } from './impairer.ts';
import { Journal } from './journal/journal.ts';
import { makeWire, realAbilities } from './wire.test-support.ts';

const skip = realAbilities().classifier ? false : 'this kernel cannot tell packets apart';

test('who changes the objects in which they asked, and asks again, gets what these say then', {
  skip,
}, (t) => {
  const { at, stateDirectory } = makeWire(t, 'mutable');
  const impairer = new Impairer({
    journal: new Journal(stateDirectory),
    abilities: () => ({ ...realAbilities(), netem: false, netemSeed: false }),
    owner: 'command',
    onEngineFailure: (error) => assert.fail(error),
  });
  const egress = { rate: { rate: '50mbit' } };
  const ofRule = { rate: { rate: '10mbit' } };
  const rules: TrafficRule[] = [{ match: { remote: ['10.9.0.0/16'] }, egress: ofRule }];
  const apply = (): ImpairmentReport =>
    impairer.apply(at, { egress, rules, engine: 'kernel' }, undefined);
  const ratesOf = ({ egress: base, rules: found }: ImpairmentReport): (string | undefined)[] =>
    [base, found[0]?.egress].map((one: Direction | null | undefined) => one?.rate?.rate);
  assert.deepEqual(ratesOf(apply()), ['50mbit', '10mbit']);
  egress.rate.rate = '60mbit';
  ofRule.rate.rate = '20mbit';
  assert.deepEqual(ratesOf(impairer.report(at)), ['50mbit', '10mbit'], 'nobody has asked yet');
  assert.deepEqual(ratesOf(apply()), ['60mbit', '20mbit']);
  assert.equal(impairer.changedElsewhere(at), null);
});
