import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { type Capabilities, isNetweirError, type Netweir } from '@netweir/api';
import { makeOriginals, pick, randomImpairment, stateOf } from './crash-site.ts';
import { Daemon, Site } from './daemon.ts';
import { TestNamespace } from './witness.ts';

/**
 * Interfaces with every kind of original, changed at random while the daemon is killed at random
 * moments: after the next start each must have its original again, as tc tells it.
 */
export async function crashAndRecover(options: { changes: number; kills: number }): Promise<void> {
  // Nobody but the next daemon is to put things back.
  using site = new Site({ config: { guardian: false } });
  using namespace = new TestNamespace('crash');
  const capabilities = await capabilitiesOf(site);
  const names = await makeOriginals(namespace, capabilities);
  const state = (): string[] => stateOf(namespace, names);
  const before = state();
  let leftBehind = 0;
  const changesPerKill = Math.ceil(options.changes / options.kills);
  for (let kill = 0; kill < options.kills; kill++) {
    const daemon = await Daemon.start(site);
    assert.deepEqual(state(), before, `after start ${kill + 1}`);
    const done = await changeUntilKilled(
      daemon,
      namespace.space,
      names,
      capabilities,
      changesPerKill,
    );
    assert.ok(done > 0, 'no change came through before the kill');
    if (!isDeepStrictEqual(state(), before)) leftBehind++;
  }
  assert.ok(leftBehind > 0, 'no kill left anything behind, so that nothing was proved');
  const last = await Daemon.start(site);
  assert.deepEqual(state(), before, 'after the last start');
  assert.equal(await last.stop(), 0);
  assert.deepEqual(state(), before, 'after the clean end');
}

async function capabilitiesOf(site: Site): Promise<Capabilities> {
  await using daemon = await Daemon.start(site);
  return daemon.netweir.capabilities();
}

/** Sends all changes at once; when a random one of them is done the kill falls among the others. */
async function changeUntilKilled(
  daemon: Daemon,
  space: string,
  names: readonly string[],
  capabilities: Capabilities,
  changes: number,
): Promise<number> {
  const pending = Array.from({ length: changes }, () =>
    changeOnce(daemon.netweir, { space, interface: pick(names) }, capabilities),
  );
  await pick(pending);
  await daemon.kill();
  return (await Promise.all(pending)).filter(Boolean).length;
}

async function changeOnce(
  netweir: Netweir,
  ref: { space: string; interface: string },
  capabilities: Capabilities,
): Promise<boolean> {
  try {
    if (Math.random() < 0.2) await netweir.clearImpairment(ref);
    else await netweir.setImpairment(ref, randomImpairment(capabilities));
    return true;
  } catch (error) {
    if (isNetweirError(error) && error.code === 'daemon-unreachable') return false;
    throw error;
  }
}
