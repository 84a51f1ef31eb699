import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  type Direction,
  type ImpairmentReport,
  isNetweirError,
  type NetweirError,
  type RestoreReport,
} from '@netweir/api';
import {
  createNamed,
  deleteNamed,
  getLink,
  type NetlinkSocket,
  type NetworkNamespace,
} from '@netweir/kernel';
import { probeAbilities } from './capability/abilities.ts';
import { Impairer } from './impairer.ts';
import type { Entry, Place, RootEntry } from './journal/entry.ts';
import { Journal } from './journal/journal.ts';
import type { Abilities } from './plan.ts';
import type { Reachable } from './reachable.ts';

/** Who stands at each end, and what the other end is called there. */
export const NEAR = { ipv4: '10.57.0.1', mac: '02:57:00:00:00:01' } as const;
export const FAR = { ipv4: '10.57.0.2', mac: '02:57:00:00:00:02' } as const;

/** A namespace with `v0`, which is impaired, and one with its peer `v1`, and other people's programs in them. */
export interface Wire {
  readonly name: string;
  readonly near: NetworkNamespace;
  readonly far: NetworkNamespace;
  readonly netlink: NetlinkSocket;
  readonly at: Reachable;
  readonly stateDirectory: string;
  readonly impairer: KernelImpairer;
  /** Runs a program beside `v0`. */
  readonly run: (command: string, ...args: string[]) => string;
  /** Runs a program beside `v1`. */
  readonly runFar: (command: string, ...args: string[]) => string;
  /** Several `tc` commands, as `tc -batch` takes them. */
  readonly tc: (...commands: string[]) => void;
  /** All that tc shows of `v0`, byte for byte but for counters. */
  readonly shown: () => string;
  /** The options of the root qdisc of `v0`, as `tc -j` has them. */
  readonly shownOptions: () => TcQdisc;
}

export interface TcQdisc {
  readonly kind: string;
  readonly handle: string;
  readonly options: Record<string, unknown>;
}

/** What this kernel really has: asked once for all tests of a file. */
let probed: Abilities | undefined;
export function realAbilities(): Abilities {
  probed ??= probeAbilities();
  return probed;
}

export function makeWire(t: TestContext, suffix: string): Wire {
  const name = `nwim${process.pid}${suffix}`;
  const near = makeSpace(t, name);
  const far = makeSpace(t, `${name}p`);
  const netlink = near.netlink();
  t.after(() => netlink.close());
  link(name);
  const [found] = netlink.query(getLink({ name: 'v0' }));
  assert.ok(found);
  const stateDirectory = mkdtempSync(join(tmpdir(), 'netweir-impair-'));
  t.after(() => rmSync(stateDirectory, { recursive: true }));
  const run = inside(near);
  const tc = (...commands: string[]): void => {
    const input = commands.map((command) => `${command}\n`).join('');
    near.run(() => void execFileSync('tc', ['-batch', '-'], { input }));
  };
  return {
    name,
    near,
    far,
    netlink,
    at: {
      space: `netns:${name}`,
      namespace: near,
      ifindex: found.ifindex,
      interface: 'v0',
      netlink,
    },
    stateDirectory,
    impairer: makeImpairer(stateDirectory),
    run,
    runFar: inside(far),
    tc,
    shown: () =>
      ['qdisc', 'class', 'filter']
        .map((object) => run('tc', '-d', object, 'show', 'dev', 'v0'))
        .join('\n'),
    shownOptions: () => {
      const [root] = JSON.parse(run('tc', '-j', 'qdisc', 'show', 'dev', 'v0', 'root'));
      return { kind: root.kind, handle: root.handle, options: root.options };
    },
  };
}

/** A wire whose rates are done by tbf, as on kernels without netem. */
export function makeTbfWire(t: TestContext, suffix: string): Wire {
  const wire = makeWire(t, suffix);
  return {
    ...wire,
    impairer: makeImpairer(wire.stateDirectory, () => ({
      netem: false,
      netemSeed: false,
      tbf: true,
      ...{ classifier: undefined, duplicateBesideOthers: false, ifb: false },
      userspace: false,
    })),
  };
}

export function makeImpairer(
  stateDirectory: string,
  abilities: () => Abilities = realAbilities,
): KernelImpairer {
  return new KernelImpairer(
    new Impairer({
      journal: new Journal(stateDirectory),
      abilities,
      owner: 'command',
      onEngineFailure: (error) => assert.fail(error),
    }),
  );
}

/** What an Impairer does on egress by the kernel alone. */
export class KernelImpairer {
  readonly #impairer: Impairer;

  constructor(impairer: Impairer) {
    this.#impairer = impairer;
  }

  apply(
    at: Reachable,
    egress: Direction,
    expiresAt: Date | undefined,
    options: { readonly replace?: boolean } = {},
  ): KernelReport {
    const wanted = { egress, engine: 'kernel', ...options } as const;
    return kernelReport(this.#impairer.apply(at, wanted, expiresAt));
  }

  clear(at: Reachable, options?: { readonly replace?: boolean }): KernelReport {
    return kernelReport(this.#impairer.clear(at, options));
  }

  changedElsewhere(at: Reachable): string | null {
    return this.#impairer.changedElsewhere(at);
  }

  report(at: Reachable): KernelReport {
    return kernelReport(this.#impairer.report(at));
  }

  entries(): RootEntry[] {
    return this.#impairer.entries().filter((entry) => entry.kind === 'root');
  }

  restore(
    reach: (place: Place) => Reachable | string,
    which?: (entry: Entry) => boolean,
  ): RestoreReport {
    return this.#impairer.restore(reach, which);
  }
}

type KernelReport = ReturnType<typeof kernelReport>;

function kernelReport(report: ImpairmentReport): ImpairmentReport & {
  readonly mechanism: ImpairmentReport['egressMechanism'];
  readonly counters: ImpairmentReport['egressCounters'];
} {
  assert.equal(report.ingress, null);
  return { ...report, mechanism: report.egressMechanism, counters: report.egressCounters };
}

/** The error that `action` throws, which is one of ours. */
export function refusalOf(action: () => unknown): NetweirError {
  try {
    action();
  } catch (error) {
    assert.ok(isNetweirError(error), String(error));
    return error;
  }
  return assert.fail('nothing was refused');
}

/** Waits for `condition`, at most so long. */
export async function until(condition: () => boolean, deadlineMs = 5000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    assert.ok(performance.now() < deadline, 'deadline passed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function makeSpace(t: TestContext, name: string): NetworkNamespace {
  const namespace = createNamed(name);
  t.after(() => {
    namespace.close();
    deleteNamed(name);
  });
  return namespace;
}

/** Nothing but a test's own packets: no router solicitations, and neighbours that need no ARP. */
function link(name: string): void {
  const quiet = existsSync('/proc/net/if_inet6') ? 'addrgenmode none up' : 'up';
  batchIp(name, [
    `link add v0 address ${NEAR.mac} type veth peer name v1 address ${FAR.mac} netns ${name}p`,
    ...['link set lo up', `link set v0 ${quiet}`, `addr add ${NEAR.ipv4}/24 dev v0`],
    `neigh add ${FAR.ipv4} lladdr ${FAR.mac} dev v0`,
  ]);
  batchIp(`${name}p`, [
    ...['link set lo up', `link set v1 ${quiet}`, `addr add ${FAR.ipv4}/24 dev v1`],
    `neigh add ${NEAR.ipv4} lladdr ${NEAR.mac} dev v1`,
  ]);
}

function batchIp(name: string, commands: readonly string[]): void {
  const input = commands.map((command) => `${command}\n`).join('');
  execFileSync('ip', ['-n', name, '-batch', '-'], { input });
}

function inside(namespace: NetworkNamespace): Wire['run'] {
  return (command, ...args) =>
    namespace.run(() =>
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
    );
}
