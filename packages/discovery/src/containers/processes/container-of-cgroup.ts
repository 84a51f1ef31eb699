import type { ContainerRuntime } from '@netweir/api';

/** What the control group of a process tells of the container that it is in. */
export interface ContainerCgroup {
  readonly runtime: ContainerRuntime;
  /** The runtime's own: 64 hexadecimal digits in most cases, the machine's name for LXC and systemd-nspawn. */
  readonly id: string;
  /** Where the id is a name, given by a person. */
  readonly name?: string;
  /** It runs below a user's own service manager. */
  readonly rootless: boolean;
}

type Found = Omit<ContainerCgroup, 'rootless'>;

const PREFIXES: Readonly<Record<string, ContainerRuntime>> = {
  docker: 'docker',
  libpod: 'podman',
  'libpod-payload': 'podman',
  'cri-containerd': 'containerd',
  nerdctl: 'containerd',
  crio: 'cri-o',
};

const HEX_ID = /^[0-9a-f]{64}$/u;
/** `docker-ID.scope` with systemd as the driver, `libpod-ID` and `crio-ID` with cgroupfs. */
const PREFIXED = /^([a-z-]+)-([0-9a-f]{64})(?:\.scope)?$/u;
/** What systemd's notation becomes where the driver is cgroupfs. */
const COLONS = /^[^:]+\.slice:([a-z-]+):([0-9a-f]{64})$/u;
/** containerd's identifiers (pkg/identifiers). */
const CONTAINERD_ID = /^(?=.{1,76}$)[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*$/u;
/** Top-level groups that are containerd's own namespaces. */
const CONTAINERD_NAMESPACES = new Set(['default', 'k8s.io']);
const LXC_PAYLOAD = /^lxc\.payload\.(.+)$/u;
const MACHINE_SCOPE = /^machine-(.+)\.scope$/u;
const NSPAWN_SERVICE = /^systemd-nspawn@(.+)\.service$/u;
/** Scopes of machine.slice that are libvirt's. */
const LIBVIRT = /^(?:qemu|lxc|xen)-\d+-/u;
const USER_MANAGER = /\/user@[1-9]\d*\.service\//u;
const USER_SERVICE = /^user@[1-9]\d*\.service$/u;

/**
 * The innermost container of a process, from the text of its /proc/PID/cgroup (version 1, 2 or both).
 * What watches a container from outside (conmon, `lxc.monitor`, nspawn's supervisor) is in none.
 */
export function containerOfCgroup(text: string): ContainerCgroup | undefined {
  for (const path of cgroupPaths(text)) {
    const segments = path.split('/').filter((segment) => segment !== '' && segment !== '..');
    for (let at = segments.length - 1; at >= 0; at--) {
      const found = containerAt(segments, at);
      if (found) return { ...found, rootless: USER_MANAGER.test(path) };
    }
  }
  return undefined;
}

/** One path per hierarchy; a group that was removed is still told, with a mark. */
function cgroupPaths(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, path] = /^\d+:[^:]*:(\/.*)$/u.exec(line) ?? [];
    return path === undefined ? [] : [path.replace(/ \(deleted\)$/u, '')];
  });
}

function containerAt(segments: readonly string[], at: number): Found | undefined {
  const segment = segments[at] ?? '';
  const parent = segments[at - 1];
  const child = segments[at + 1];
  return (
    byPrefix(segment, child) ??
    byLxc(segment, parent) ??
    byMachine(segment, parent, child) ??
    byHexId(segment, segments.slice(0, at)) ??
    byNamespace(segment, at === 1 ? parent : undefined)
  );
}

function byPrefix(segment: string, child: string | undefined): Found | undefined {
  const [, prefix = '', id = ''] = PREFIXED.exec(segment) ?? COLONS.exec(segment) ?? [];
  const runtime = Object.hasOwn(PREFIXES, prefix) ? PREFIXES[prefix] : undefined;
  if (runtime === undefined || (runtime === 'podman' && child === 'conmon')) return undefined;
  return { runtime, id };
}

function byLxc(segment: string, parent: string | undefined): Found | undefined {
  const name =
    parent === 'lxc' || parent === 'lxc.payload' ? segment : LXC_PAYLOAD.exec(segment)?.[1];
  return name === undefined ? undefined : { runtime: 'lxc', id: name, name };
}

function byMachine(
  segment: string,
  parent: string | undefined,
  child: string | undefined,
): Found | undefined {
  if (child === 'supervisor') return undefined;
  const scope = parent === 'machine.slice' ? MACHINE_SCOPE.exec(segment)?.[1] : undefined;
  const escaped = scope ?? NSPAWN_SERVICE.exec(segment)?.[1];
  if (escaped === undefined) return undefined;
  const name = unescapeUnit(escaped);
  return LIBVIRT.test(name) ? undefined : { runtime: 'systemd-nspawn', id: name, name };
}

/**
 * Docker puts the bare id below whatever parent it is told, but as an ordinary user it knows systemd's
 * groups or none; Podman leaves the place to crun there, where systemd is not its driver. The others do
 * so in pods only.
 */
function byHexId(segment: string, above: readonly string[]): Found | undefined {
  if (!HEX_ID.test(segment)) return undefined;
  const top = above[0];
  const isContainerd =
    above.some((name) => name.startsWith('kubepods')) ||
    (above.length === 1 && top !== undefined && CONTAINERD_NAMESPACES.has(top));
  if (isContainerd) return { runtime: 'containerd', id: segment };
  return { runtime: USER_SERVICE.test(above.at(-1) ?? '') ? 'podman' : 'docker', id: segment };
}

function byNamespace(segment: string, parent: string | undefined): Found | undefined {
  if (parent === undefined || !CONTAINERD_NAMESPACES.has(parent)) return undefined;
  if (!CONTAINERD_ID.test(segment)) return undefined;
  return { runtime: 'containerd', id: segment, name: segment };
}

/** systemd.unit(5), "string escaping": here only what a machine's name may hold is escaped. */
function unescapeUnit(text: string): string {
  return text.replace(/\\x([2-7][0-9a-f])/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
