import { NetweirError } from './errors/netweir-error.ts';
import type { Interface, Inventory, Space } from './inventory.ts';

/** A target as it is written: a space, and one of its interfaces, or all but `lo`. */
export interface Target {
  /** `host` or `netns:NAME`; may hold `*` and `?`. */
  readonly space: string;
  readonly interface: string | undefined;
}

/** One interface that a target means. */
export interface Selected {
  readonly space: Space;
  readonly interface: Interface;
}

const REMEDY =
  'Write [SPACE/]INTERFACE, such as eth0, netns:client/eth0, netns:client or netns:lab-*/eth0; `netweir ls` lists them.';

/**
 * Reads `[SPACE/]INTERFACE` (DESIGN, "Targets"). Without a space it is the host's.
 *
 * @throws NetweirError `invalid-target`
 */
export function parseTarget(text: string): Target {
  const slash = text.indexOf('/');
  const isSpace = slash < 0 && (text === 'host' || text.includes(':'));
  const space = slash >= 0 ? text.slice(0, slash) : isSpace ? text : 'host';
  const name = slash >= 0 ? text.slice(slash + 1) : isSpace ? undefined : text;
  checkSpace(text, space);
  if (name !== undefined) checkInterfaceName(text, name);
  return { space, interface: name };
}

/**
 * The interfaces that a target means.
 *
 * @throws NetweirError `no-such-space` or `no-such-interface`, with what there is
 */
export function selectTarget(inventory: Inventory, target: Target): [Selected, ...Selected[]] {
  const spaces = inventory.spaces.filter((space) => matchesGlob(space.id, target.space));
  if (spaces.length === 0) {
    throw new NetweirError('no-such-space', `there is no space ${target.space}`, {
      remedy: `There are: ${list(inventory.spaces.map((space) => space.id))}.`,
    });
  }
  const [first, ...rest] = spaces.flatMap((space) =>
    space.interfaces
      .filter(({ name }) =>
        target.interface === undefined ? name !== 'lo' : matchesGlob(name, target.interface),
      )
      .map((one) => ({ space, interface: one })),
  );
  if (!first) {
    const candidates = spaces.flatMap((s) => s.interfaces.map((i) => `${s.id}/${i.name}`));
    throw new NetweirError(
      'no-such-interface',
      target.interface === undefined
        ? `${target.space} has no interface but lo`
        : `there is no interface ${target.interface} in ${target.space}`,
      { remedy: `There are: ${list(candidates)}.` },
    );
  }
  return [first, ...rest];
}

function checkSpace(text: string, space: string): void {
  if (space === 'host') return;
  const colon = space.indexOf(':');
  if (colon < 0 || space.slice(0, colon) !== 'netns') {
    throw invalidTarget(text, `"${space}" is no space that netweir knows`);
  }
  const name = space.slice(colon + 1);
  if (name === '' || name === '.' || name === '..' || /\p{Cc}/u.test(name) || name.length > 255) {
    throw invalidTarget(text, `"${name}" cannot be the name of a namespace`);
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

function matchesGlob(name: string, glob: string): boolean {
  if (!/[*?]/u.test(glob)) return name === glob;
  const source = glob
    .replace(/[\\^$.|+()[\]{}]/gu, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'u').test(name);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}
