import type { Space } from '@netweir/api';
import {
  type CommandLine,
  type Entered,
  enterUserOf,
  type NodeFiles,
  type NodeOfUser,
  nodeOfUser,
  type ProgramContext,
  ProgramNotStarted,
  runEntered,
  runInNodeOfUser,
  runInSpace,
  runInUserNamespace,
} from '@netweir/discovery';
import { netweirErrorOf } from '@netweir/impair';

export {
  type CommandLine,
  enterRootless,
  isRootless,
  ProgramNotStarted,
  rootlessNamespace,
} from '@netweir/discovery';

/** Runs a command in a space's network namespace; resolves with its exit code. @throws NetweirError */
export function execute(
  space: Space,
  command: CommandLine,
  context?: ProgramContext,
): Promise<number> {
  return described(() => runInSpace(space, command, context));
}

/**
 * Runs a command in a space's user namespace, too, by `launcher`, a command line that ends in
 * `executeEntered`; resolves with its exit code.
 *
 * @throws NetweirError
 */
export function executeInUserNamespace(
  space: Space,
  launcher: (place: string) => CommandLine,
): Promise<number> {
  return described(() => runInUserNamespace(space, ({ user, net }) => launcher(`${user}:${net}`)));
}

/** Runs a command where this process was started by `executeInUserNamespace`. @throws NetweirError */
export function executeEntered(place: string, command: CommandLine): Promise<number> {
  const [user = 0, net = 0] = place.split(':').map(Number);
  const entered: Entered = { user, net };
  return described(() => runEntered(entered, command));
}

/**
 * Runs a command in a node of a lab that another user namespace's daemon keeps, by `launcher`, a command
 * line that ends in `executeInNode`; resolves with its exit code. Undefined where the daemon is in this one.
 *
 * @throws NetweirError
 */
export async function executeInNodeOfUser(
  socketPath: string,
  files: NodeFiles,
  launcher: (place: string) => CommandLine,
  environment?: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  try {
    const node = nodeOfUser(socketPath, files);
    return node && (await enterUserOf(node, launcher(JSON.stringify(node)), environment));
  } catch (error) {
    throw netweirErrorOf(error);
  }
}

/** Runs a command where this process was started by `executeInNodeOfUser`. @throws NetweirError */
export function executeInNode(place: string, command: CommandLine): Promise<number> {
  return described(() => runInNodeOfUser(JSON.parse(place) as NodeOfUser, command));
}

async function described(action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof ProgramNotStarted ? error : netweirErrorOf(error);
  }
}
