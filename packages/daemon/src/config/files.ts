import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** A file that may hold a configuration. */
export interface ConfigFile {
  readonly path: string;
  /** Whether it is an error if there is none. */
  readonly needed: boolean;
}

const NAME = join('netweir', 'config.json5');

/**
 * Where the configuration is read: the one file that NETWEIR_CONFIG names, or else that of the system
 * and then that of the user, whose values win.
 */
export function configFilesOf(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigFile[] {
  const named = environment.NETWEIR_CONFIG;
  if (named) return [{ path: named, needed: true }];
  return [
    { path: join('/etc', NAME), needed: false },
    { path: join(userFolder(environment), NAME), needed: false },
  ];
}

/** As the XDG Base Directory Specification has it: a relative path there does not count. */
function userFolder({
  XDG_CONFIG_HOME,
  HOME,
}: Readonly<Record<string, string | undefined>>): string {
  if (XDG_CONFIG_HOME && isAbsolute(XDG_CONFIG_HOME)) return XDG_CONFIG_HOME;
  return join(HOME || homedir(), '.config');
}
