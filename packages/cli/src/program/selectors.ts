import { type Command, Option } from 'commander';

export const TARGETS: string = `
A target is [SPACE/]INTERFACE: eth0, docker:web/eth0, netns:lab-*/eth0. A space is host (if absent),
docker:NAME, podman:NAME, containerd:ID, pod:NAMESPACE/NAME (of Podman: pod:podman/NAME), netns:NAME,
lxc:NAME, nspawn:NAME, pid:N or lab:LAB/NODE; it has other names too, which \`netweir ls\` tells, and
the start of a container's id will do. A space alone means all of its interfaces but lo.
--label and the like narrow the targets, or select among all containers if there are none.`;

/** Adds the flags that select containers. */
export function addSelectors(command: Command): Command {
  return command
    .option('--label <label>', 'only with it, such as app=w*; repeatable', collect)
    .option('--image <glob>', 'only containers of this image')
    .option('--network <glob>', 'only interfaces in this network')
    .option('--project <glob>', 'only of this compose project');
}

/** Adds the flag that says on which end an impairment is put. */
export function addPlace(command: Command): Command {
  return command.addOption(
    new Option(
      '--at <place>',
      'where: the interface itself, the other end of its veth pair, or the bridge of that',
    ).choices(['container', 'host', 'bridge']),
  );
}

/** A flag that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
