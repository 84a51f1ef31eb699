import type { Config } from '@netweir/api';
import type { ConfigFile } from './files.ts';
import { mergeConfigs } from './merge.ts';
import { readConfig } from './read.ts';

/**
 * The configuration of these files together; the last one's values win.
 *
 * @throws NetweirError `invalid-config` that names the file, the line and the key
 */
export function loadConfig(files: readonly ConfigFile[]): Config {
  return files.map(readConfig).reduce(mergeConfigs, {});
}
