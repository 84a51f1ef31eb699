import { isGlob, NetweirError, parseTarget, type Space, selectSpace } from '@netweir/api';
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
    const { space, mounts } = await find(context, wanted);
    if (!flags.userns) {
      const { environment = {} } = flags;
      return await execute(space, command, { environment, ...(mounts !== null && { mounts }) });
    }
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

/**
 * The space of a name, and of a node of a lab where its names are known. The connection is over before
 * the command starts, which may run for long.
 */
async function find(
  context: Context,
  name: string,
): Promise<{ readonly space: Space; readonly mounts: string | null }> {
  await using connection = await context.connect();
  const { netweir } = connection;
  const space = selectSpace(await netweir.inventory(), name);
  const [lab = '', node = ''] = space.name.split('/');
  if (space.kind !== 'lab') return { space, mounts: null };
  return { space, mounts: (await netweir.labNamespaces(lab, node)).mount };
}

/** @throws NetweirError `invalid-target` for what does not name one space */
function spaceIn(text: string): string {
  const { space, interface: one } = parseTarget(text);
  if (one === undefined && !isGlob(space)) return space;
  throw new NetweirError('invalid-target', `"${text}" does not name one space`, {
    remedy: 'A command runs in the network of one space: name that alone, such as docker:web.',
  });
}
