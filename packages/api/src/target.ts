import { NetweirError } from './errors/netweir-error.ts';
import type { SpaceKind } from './inventory.ts';

/** A target as it is written: a space, and one of its interfaces, or all but `lo`. */
export interface Target {
  /** `host`, or a kind and a name, such as `docker:web` and `pod:shop/cart-0`; may hold `*` and `?`. */
  readonly space: string;
  readonly interface: string | undefined;
}

/** Of what a space is named after, and how many parts with slashes between the name has. */
interface NameForm {
  readonly of: string;
  readonly parts: readonly string[];
}

const CONTAINER: NameForm = { of: 'a container', parts: ['NAME'] };

const FORMS: Readonly<Record<Exclude<SpaceKind, 'host'>, NameForm>> = {
  lab: { of: 'a node of a lab', parts: ['LAB', 'NODE'] },
  docker: CONTAINER,
  podman: CONTAINER,
  pod: { of: 'a pod', parts: ['NAMESPACE', 'NAME'] },
  containerd: { of: 'a container', parts: ['ID'] },
  netns: { of: 'a namespace', parts: ['NAME'] },
  lxc: CONTAINER,
  nspawn: CONTAINER,
  pid: { of: 'a process', parts: ['N'] },
};

const LONGEST_PART = 255;

const REMEDY =
  'Write [SPACE/]INTERFACE, such as eth0, docker:web/eth0, netns:client or pod:shop/cart-*/eth0; `netweir ls` lists them.';

/**
 * Reads `[SPACE/]INTERFACE` (DESIGN, "Targets"). Without a space it is the host's.
 *
 * @throws NetweirError `invalid-target`
 */
export function parseTarget(text: string): Target {
  const colon = text.indexOf(':');
  const slash = text.indexOf('/');
  const target =
    colon >= 0 && (slash < 0 || colon < slash)
      ? parseNamed(text, text.slice(0, colon), text.slice(colon + 1))
      : parseHost(text);
  if (target.interface !== undefined) checkInterfaceName(text, target.interface);
  return target;
}

/** `eth0`, `host` and `host/eth0`. */
function parseHost(text: string): Target {
  const slash = text.indexOf('/');
  if (slash < 0) return { space: 'host', interface: text === 'host' ? undefined : text };
  const space = text.slice(0, slash);
  if (space !== 'host') throw invalidTarget(text, `"${space}" is no space that netweir knows`);
  return { space, interface: text.slice(slash + 1) };
}

/** `docker:web/eth0`, `pod:shop/cart-0/eth0`, and both without an interface. */
function parseNamed(text: string, kind: string, rest: string): Target {
  const form = isNamedKind(kind) ? FORMS[kind] : undefined;
  const segments = rest.split('/');
  const name = segments.slice(0, form?.parts.length ?? 1);
  const space = `${kind}:${name.join('/')}`;
  if (!form) throw invalidTarget(text, `"${space}" is no space that netweir knows`);
  for (const part of name) checkPart(text, part, form);
  if (kind === 'pid' && !/^[\d*?]+$/u.test(name.join(''))) {
    throw invalidTarget(text, `"${name.join()}" is not the number of a process`);
  }
  // `pod:*` means all pods, whatever their namespace is.
  if (name.length < form.parts.length && !rest.includes('*')) {
    throw invalidTarget(text, `${form.of} is written ${kind}:${form.parts.join('/')}`);
  }
  const others = segments.slice(form.parts.length);
  return { space, interface: others.length === 0 ? undefined : others.join('/') };
}

function isNamedKind(kind: string): kind is keyof typeof FORMS {
  return Object.hasOwn(FORMS, kind);
}

function checkPart(text: string, part: string, { of }: NameForm): void {
  if (['', '.', '..'].includes(part) || /\p{Cc}/u.test(part) || part.length > LONGEST_PART) {
    throw invalidTarget(text, `"${part}" cannot be the name of ${of}`);
  }
}

/** As the kernel's dev_valid_name() has it: 1 to 15 bytes, no slash, colon or white space, not `.` or `..`. */
function checkInterfaceName(text: string, name: string): void {
  if (name === '') throw invalidTarget(text, 'the interface name is empty');
  if (name === '.' || name === '..' || /[/:\s\p{Cc}]/u.test(name)) {
    throw invalidTarget(text, `"${name}" cannot be the name of an interface`);
  }
  if (new TextEncoder().encode(name).length > 15) {
    throw invalidTarget(text, `the interface name "${name}" is longer than 15 bytes`);
  }
}

function invalidTarget(text: string, problem: string): NetweirError {
  return new NetweirError('invalid-target', `target "${text}": ${problem}`, { remedy: REMEDY });
}
