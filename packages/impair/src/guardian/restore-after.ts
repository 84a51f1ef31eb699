import { writeSync } from 'node:fs';
import type { RestoreReport } from '@netweir/api';
import { probeAbilities } from '../capability/abilities.ts';
import { Impairer } from '../impairer.ts';
import { Journal } from '../journal/journal.ts';
import { isOfProcess } from '../journal/tenure.ts';
import { netweirErrorOf } from '../kernel-error.ts';
import { Namespaces } from './namespaces.ts';

/** More are counted only. */
const LISTED = 8;

/** Puts back what was to end with a process that has died, and tells it on standard error. */
export function restoreAfter(guarded: string, stateDirectory: string): void {
  try {
    using namespaces = new Namespaces();
    const impairer = new Impairer({
      journal: new Journal(stateDirectory),
      abilities: probeAbilities,
      owner: 'command',
      onEngineFailure: say,
    });
    const report = impairer.restore(
      (place) => namespaces.reach(place),
      ({ setting }) => isOfProcess(guarded, setting.holder),
    );
    tell(report);
  } catch (error) {
    say(netweirErrorOf(error));
    process.exitCode = 1;
  }
}

function tell({ restored, skipped, failed }: RestoreReport): void {
  for (const { space, interface: name, error } of failed) {
    say({ message: `${space}/${name} was not restored: ${error}` });
    process.exitCode = 1;
  }
  for (const { space, interface: name, reason } of skipped) {
    say({ message: `${space}/${name} was left alone: ${reason}` });
  }
  if (restored.length === 0) return;
  const places = new Set(restored.map((one) => `${one.space}/${one.interface}`));
  const which = places.size > LISTED ? `${places.size} interfaces` : [...places].join(', ');
  say({ message: `netweir died; restored ${which}` });
}

function say({ message }: { readonly message: string }): void {
  try {
    writeSync(2, `netweir: ${message}\n`);
  } catch {
    // The terminal may be gone: that must not keep the rest from being restored.
  }
}
