import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Inventory } from '@netweir/api';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { CONTAINERS } from '../test-support/fixtures.ts';
import { runWith } from '../test-support/run.ts';

const CLIENT = { space: 'netns:client', interface: 'eth0' };
const HOST = { space: 'host', interface: 'eth0' };
const asked = (netweir: { calls: readonly (readonly unknown[])[] }, name: string): unknown[] =>
  netweir.calls.filter(([called]) => called === name).map(([, ...args]) => args);

/** With one container that does not run. */
async function withStopped(): Promise<Inventory> {
  const inventory = await fakeNetweir().inventory();
  return { ...inventory, stopped: CONTAINERS.stopped };
}

describe('clear', () => {
  test('takes off what the targets mean', async () => {
    const netweir = fakeNetweir();
    const { code, stdout } = await runWith(netweir, ['clear', 'netns:client/eth0']);
    assert.equal(code, 0);
    assert.equal(stdout, 'netns:client/eth0: clear (noqueue)\n');
    assert.deepEqual(asked(netweir, 'clearImpairment'), [[CLIENT]]);
  });

  test('--all takes off what netweir has put on, and nothing else', async () => {
    const netweir = fakeNetweir();
    const { code } = await runWith(netweir, ['clear', '--all']);
    assert.equal(code, 0);
    assert.deepEqual(asked(netweir, 'clearImpairment'), [[CLIENT]]);
  });

  test('--all takes off what is only on ingress, too', async () => {
    const { spaces, ...rest } = await fakeNetweir().inventory();
    const inventory = {
      ...rest,
      spaces: spaces.map((space) => ({
        ...space,
        interfaces: space.interfaces.map((one) => ({
          ...one,
          egress: null,
          ingress: one.egress,
        })),
      })),
    };
    const netweir = fakeNetweir({ inventory: () => Promise.resolve(inventory) });
    assert.equal((await runWith(netweir, ['clear', '--all'])).code, 0);
    assert.deepEqual(asked(netweir, 'clearImpairment'), [[CLIENT]]);
  });

  test('forgets what would come back on a container that does not run', async () => {
    const netweir = fakeNetweir({
      inventory: withStopped,
      forget: (target) =>
        Promise.resolve([{ space: target?.space ?? '', interface: 'eth0', at: 'container' }]),
    });
    const { code, stdout, stderr } = await runWith(netweir, ['clear', 'docker:old', 'eth0']);
    assert.equal(code, 0);
    assert.match(stdout, /^host\/eth0: clear/u);
    assert.equal(
      stderr,
      'netweir: docker:old/eth0: what was set does not come back when it starts\n',
    );
    assert.deepEqual(asked(netweir, 'forget'), [[{ space: 'docker:old', interface: undefined }]]);
    assert.deepEqual(asked(netweir, 'clearImpairment'), [[HOST]]);
    assert.deepEqual(
      await runWith(fakeNetweir({ inventory: withStopped }), ['clear', 'docker:old']),
      { code: 0, stdout: 'nothing to clear\n', stderr: '' },
    );
  });

  test('clears and forgets nothing where one of the targets means nothing', async () => {
    const netweir = fakeNetweir({ inventory: withStopped });
    const { code } = await runWith(netweir, ['clear', 'docker:old', 'docker:none']);
    assert.equal(code, 1);
    assert.deepEqual(asked(netweir, 'forget'), []);
  });

  test("of the host's end of a container that does not run is an error", async () => {
    const netweir = fakeNetweir({ inventory: withStopped });
    const { code, stderr } = await runWith(netweir, ['clear', 'docker:old', '--at', 'host']);
    assert.equal(code, 1);
    assert.match(stderr, /docker:old does not run/u);
  });

  test('--all forgets everything that would come back', async () => {
    const netweir = fakeNetweir({
      forget: () => Promise.resolve([{ space: 'docker:old', interface: 'eth0', at: 'host' }]),
    });
    const { code, stderr } = await runWith(netweir, ['clear', '--all']);
    assert.equal(code, 0);
    assert.match(stderr, /what was set at the host's end does not come back/u);
    assert.deepEqual(asked(netweir, 'forget'), [[]]);
  });

  test('--all where nothing is impaired is done', async () => {
    const { spaces, ...rest } = await fakeNetweir().inventory();
    const inventory = { ...rest, spaces: spaces.filter(({ id }) => id === 'host') };
    const netweir = fakeNetweir({ inventory: () => Promise.resolve(inventory) });
    assert.deepEqual(await runWith(netweir, ['clear', '--all']), {
      code: 0,
      stdout: 'nothing to clear\n',
      stderr: '',
    });
    assert.equal((await runWith(netweir, ['clear', '--all', '--json'])).stdout, '[]\n');
  });
});
