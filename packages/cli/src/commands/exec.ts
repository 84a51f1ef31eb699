import {
  isGlob,
  type LabNamespaces,
  NetweirError,
  parseTarget,
  type Space,
  selectSpace,
} from '@netweir/api';
import type { CommandLine } from '@netweir/daemon';
import type { Context } from '../context.ts';
import { connectToDaemon } from './lab/of-daemon.ts';

export interface ExecFlags {
  readonly userns?: true;
  /** Set by this command for itself: the namespaces in which it was started again. */
  readonly entered?: string;
  /** The same of a node of a lab that an ordinary user's daemon keeps. */
  readonly node?: string;
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
  const { execute, executeEntered, executeInNode, executeInUserNamespace, ProgramNotStarted } =
    await import('@netweir/daemon');
  try {
    if (flags.entered !== undefined) return await executeEntered(flags.entered, command);
    if (flags.node !== undefined) return await executeInNode(flags.node, command);
    const again =
      (flag: string) =>
      (place: string): CommandLine => [
        process.execPath,
        ...process.execArgv,
        process.argv[1] ?? '',
        ...['exec', flag, place, name, '--', ...command],
      ];
    const { environment = {} } = flags;
    const { space, namespaces } = await find(context, spaceIn(name));
    if (flags.userns) return await executeInUserNamespace(space, again('--entered'));
    if (!namespaces) return await execute(space, command, { environment });
    return await executeInLab(
      context,
      { space, namespaces, command, environment },
      again('--node'),
    );
  } catch (error) {
    if (!(error instanceof ProgramNotStarted)) throw error;
    context.terminal.err(`netweir: ${error.message}\n`);
    return error.exitCode;
  }
}

/** What is to run in a node of a lab. */
interface InLab {
  readonly space: Space;
  readonly namespaces: LabNamespaces;
  readonly command: CommandLine;
  readonly environment: Readonly<Record<string, string>>;
}

async function executeInLab(
  { locations }: Context,
  { space, namespaces, command, environment }: InLab,
  launcher: (place: string) => CommandLine,
): Promise<number> {
  const { execute, executeInNodeOfUser } = await import('@netweir/daemon');
  const { network, mount } = namespaces;
  const files = { inode: space.inode, network, mount };
  const code = await executeInNodeOfUser(locations.socketPath, files, launcher, environment);
  if (code !== undefined) return code;
  return await execute(space, command, { environment, ...(mount !== null && { mounts: mount }) });
}

/**
 * The space of a name, and of a node of a lab where its namespaces are. The connection is over before
 * the command starts, which may run for long.
 */
async function find(
  context: Context,
  name: string,
): Promise<{ readonly space: Space; readonly namespaces: LabNamespaces | undefined }> {
  await using connection = await (name.startsWith('lab:')
    ? connectToDaemon(context)
    : context.connect());
  const { netweir } = connection;
  const space = selectSpace(await netweir.inventory(), name);
  const [lab = '', node = ''] = space.name.split('/');
  if (space.kind !== 'lab') return { space, namespaces: undefined };
  return { space, namespaces: await netweir.labNamespaces(lab, node) };
}

/** @throws NetweirError `invalid-target` for what does not name one space */
function spaceIn(text: string): string {
  const { space, interface: one } = parseTarget(text);
  if (one === undefined && !isGlob(space)) return space;
  throw new NetweirError('invalid-target', `"${text}" does not name one space`, {
    remedy: 'A command runs in the network of one space: name that alone, such as docker:web.',
  });
}
