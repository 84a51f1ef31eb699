import type { Space } from '@netweir/api';
import {
  type CommandLine,
  type Entered,
  type ProgramContext,
  ProgramNotStarted,
  runEntered,
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

async function described(action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof ProgramNotStarted ? error : netweirErrorOf(error);
  }
}
