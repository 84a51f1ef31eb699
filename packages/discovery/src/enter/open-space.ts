import { NetweirError, type Space } from '@netweir/api';
import { KernelError, NetworkNamespace } from '@netweir/kernel';

/** What leads into a space: as the inventory has it, whoever made that. */
export type Enterable = Pick<
  Space,
  'id' | 'kind' | 'name' | 'aliases' | 'inode' | 'containers' | 'path'
>;

/**
 * The network namespace of a space, by a process or a name that leads to it; the caller closes it.
 *
 * @throws NetweirError `space-vanished`
 * @throws {KernelError} such as EACCES
 */
export function openSpace(space: Enterable): NetworkNamespace {
  const { id, inode } = space;
  for (const open of waysInto(space)) {
    const namespace = unlessMissing(open);
    if (namespace?.identity.ino === inode) return namespace;
    namespace?.close();
  }
  throw new NetweirError('space-vanished', `the network namespace of ${id} is not there any more`, {
    remedy: '`netweir ls` lists what is there now.',
  });
}

/** A process inside; undefined where only a name leads there. */
export function processOf({ kind, name, containers }: Enterable): number | undefined {
  if (kind === 'pid') return Number(name);
  return containers.find(({ pid }) => pid !== null)?.pid ?? undefined;
}

function waysInto(space: Enterable): (() => NetworkNamespace)[] {
  if (space.kind === 'host') return [() => NetworkNamespace.current()];
  const { path } = space;
  const pid = processOf(space);
  const names = [space.id, ...space.aliases].filter((id) => id.startsWith('netns:'));
  return [
    ...(path === undefined ? [] : [() => NetworkNamespace.openPath(path)]),
    ...(pid === undefined ? [] : [() => NetworkNamespace.openPid(pid)]),
    ...names.map((id) => () => NetworkNamespace.openNamed(id.slice('netns:'.length))),
  ];
}

function unlessMissing(open: () => NetworkNamespace): NetworkNamespace | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'ENOENT') return undefined;
    throw error;
  }
}
