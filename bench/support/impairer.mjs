/** netweir's own way of impairing an interface, with a journal that is gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Impairer, Journal } from '@netweir/impair';

/** An impairer whose engine's death ends the measurement. */
export function openImpairer(abilities) {
  const folder = mkdtempSync(join(tmpdir(), 'netweir-bench-'));
  const impairer = new Impairer({
    journal: new Journal(folder),
    abilities: () => abilities,
    owner: 'command',
    onEngineFailure: (error) => {
      throw error;
    },
  });
  return {
    impairer,
    close: async () => {
      await impairer.close();
      rmSync(folder, { recursive: true });
    },
  };
}
