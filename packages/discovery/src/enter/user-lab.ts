import { closeSync, openSync, statSync } from 'node:fs';
import { NetweirError } from '@netweir/api';
import { CLONE_NEWNET, NetworkNamespace, processListeningAt, startIn } from '@netweir/kernel';
import { type CommandLine, environment, launch, runInside } from './program.ts';

/** linux/sched.h */
const CLONE_NEWNS = 0x20000;

/** A node of a lab that an ordinary user's daemon keeps, as the user's processes outside can get there. */
export interface NodeOfUser {
  /** The daemon, which is the first process of its process-id namespace. */
  readonly pid: number;
  /** The inodes of its user namespace, and of the node's network namespace. */
  readonly user: number;
  readonly net: number;
  /** Files that lead to the node's namespaces. */
  readonly network: string;
  readonly mounts: string | null;
}

/** The namespaces of a node as its daemon names them. */
export interface NodeFiles {
  readonly inode: number;
  readonly network: string;
  readonly mount: string | null;
}

/**
 * Where a node of the daemon is that listens on a socket; undefined where that is in this process's user
 * namespace, and the node can be entered as any space.
 *
 * @throws {KernelError} where no daemon listens any more
 */
export function nodeOfUser(
  socketPath: string,
  { inode, network, mount }: NodeFiles,
): NodeOfUser | undefined {
  const pid = processListeningAt(socketPath);
  const user = pid > 0 ? statSync(`/proc/${pid}/ns/user`).ino : 0;
  if (pid <= 0 || user === statSync('/proc/self/ns/user').ino) return undefined;
  // The daemon has its own process-id namespace, and so another number for itself.
  const here = (path: string): string => path.replace(/^\/proc\/\d+\//u, `/proc/${pid}/`);
  return { pid, user, net: inode, network: here(network), mounts: mount && here(mount) };
}

/**
 * Starts `launcher` as the root of the lab's user namespace, with this process's view of files and
 * processes, and an empty network of its own; it is to call `runInNodeOfUser`. Resolves with its exit code.
 *
 * @throws {KernelError} ENOSYS with a C library other than glibc
 */
export async function enterUserOf(
  { pid }: NodeOfUser,
  launcher: CommandLine,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const user = openSync(`/proc/${pid}/ns/user`, 'r');
  try {
    return await launch({
      enter: [user],
      unshare: CLONE_NEWNS | CLONE_NEWNET,
      path: launcher[0],
      argv: launcher,
      environment: { ...environment(), ...more },
    });
  } finally {
    closeSync(user);
  }
}

/**
 * Runs a program in a node, where this process was started by `enterUserOf`; it ends with the lab.
 *
 * @throws NetweirError `not-permitted` where it is elsewhere, `space-vanished`
 */
export async function runInNodeOfUser(node: NodeOfUser, command: CommandLine): Promise<number> {
  if (statSync('/proc/self/ns/user').ino !== node.user) {
    throw new NetweirError('not-permitted', "the lab's user namespace could not be entered", {
      remedy: 'Run netweir as the user whose lab it is, or as root.',
    });
  }
  using namespace = NetworkNamespace.openPath(node.network);
  if (namespace.identity.ino !== node.net) {
    throw new NetweirError('space-vanished', 'the node is not there any more', {
      remedy: '`netweir lab ls` lists what is there now.',
    });
  }
  // What mounts the lab has shows its own processes, so that the program has to be one of them.
  startIn(`/proc/${node.pid}/ns/pid`);
  const { mounts } = node;
  return await runInside(namespace, command, mounts === null ? {} : { mounts });
}
