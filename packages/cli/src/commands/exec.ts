import { isGlob, NetweirError, parseTarget, selectSpace } from '@netweir/api';
import type { CommandLine } from '@netweir/daemon';
import type { Context } from '../context.ts';

export interface ExecFlags {
  readonly userns?: true;
  /** Set by this command for itself: the namespaces in which it was started again. */
  readonly entered?: string;
  /** What the program has in its environment beside what this one has. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** `netweir exec` */
export async function exec(
  context: Context,
  name: string,
  command: CommandLine,
  flags: ExecFlags,
): Promise<number> {
  const { execute, executeEntered, executeInUserNamespace, ProgramNotStarted } = await import(
    '@netweir/daemon'
  );
  try {
    if (flags.entered !== undefined) return await executeEntered(flags.entered, command);
    const wanted = spaceIn(name);
    const space = selectSpace(await inventoryOf(context), wanted);
    if (!flags.userns) return await execute(space, command, flags.environment);
    return await executeInUserNamespace(space, (place) => [
      process.execPath,
      ...process.execArgv,
      process.argv[1] ?? '',
      ...['exec', '--entered', place, name, '--', ...command],
    ]);
  } catch (error) {
    if (!(error instanceof ProgramNotStarted)) throw error;
    context.terminal.err(`netweir: ${error.message}\n`);
    return error.exitCode;
  }
}

/** The connection is over before the command starts, which may run for long. */
async function inventoryOf(context: Context) {
  await using connection = await context.connect();
  return await connection.netweir.inventory();
}

/** @throws NetweirError `invalid-target` for what does not name one space */
function spaceIn(text: string): string {
  const { space, interface: one } = parseTarget(text);
  if (one === undefined && !isGlob(space)) return space;
  throw new NetweirError('invalid-target', `"${text}" does not name one space`, {
    remedy: 'A command runs in the network of one space: name that alone, such as docker:web.',
  });
}
