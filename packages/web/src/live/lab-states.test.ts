import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LabEvent, type LabState, NetweirError } from '@netweir/api';
import { lab } from '../lab/model/lab.test-helper.ts';
import { LabStates } from './lab-states.ts';

/** A daemon whose answers come when the test gives them. */
class Asked {
  readonly waiting: { resolve: (state: LabState) => void; reject: (error: Error) => void }[] = [];

  lab(): Promise<LabState> {
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  async answer(sequence: number): Promise<void> {
    this.waiting.at(-1)?.resolve(lab({ sequence }));
    await new Promise(setImmediate);
  }
}

function event(sequence: number): LabEvent {
  return {
    sequence,
    at: '2026-01-01T00:00:00Z',
    kind: 'link-down',
    node: 'phone',
    interface: 'eth0',
    value: null,
  };
}

describe('A lab that is looked at', () => {
  test('is read when somebody looks, and again when something later has happened', async () => {
    const asked = new Asked();
    const states = new LabStates(asked);
    states.take('town', event(1));
    assert.equal(asked.waiting.length, 0, 'nobody looks');
    let told = 0;
    states.subscribe('town', () => told++);
    await asked.answer(5);
    assert.equal(states.view('town').state?.sequence, 5);
    states.take('town', event(5));
    assert.equal(asked.waiting.length, 1, 'it is in there already');
    states.take('town', event(6));
    assert.equal(asked.waiting.length, 2);
    await asked.answer(6);
    assert.equal(states.view('town').state?.sequence, 6);
    assert.ok(told >= 2);
    assert.deepEqual(
      states.view('town').events.map(({ sequence }) => sequence),
      [6, 5],
    );
  });

  test('is read once more for all that happens during a reading', async () => {
    const asked = new Asked();
    const states = new LabStates(asked);
    states.subscribe('town', () => {});
    for (let sequence = 1; sequence <= 50; sequence++) states.take('town', event(sequence));
    await asked.answer(1);
    assert.equal(asked.waiting.length, 2);
    await asked.answer(50);
    assert.equal(asked.waiting.length, 2);
    assert.equal(states.view('town').state?.sequence, 50);
  });

  test('stays as it was, with the reason, where it cannot be read', async () => {
    const asked = new Asked();
    const states = new LabStates(asked);
    states.subscribe('town', () => {});
    await asked.answer(1);
    states.refresh('town');
    const error = new NetweirError('no-such-lab', 'no lab town');
    asked.waiting.at(-1)?.reject(error);
    await new Promise(setImmediate);
    assert.equal(states.view('town').state?.sequence, 1);
    assert.equal(states.view('town').error, error);
  });

  test('is forgotten when nobody looks any more', async () => {
    const asked = new Asked();
    const states = new LabStates(asked);
    const leave = states.subscribe('town', () => {});
    await asked.answer(1);
    leave();
    assert.equal(states.view('town').state, undefined);
    states.take('town', event(2));
    assert.equal(asked.waiting.length, 1);
  });
});
