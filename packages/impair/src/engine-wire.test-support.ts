import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { NetweirError } from '@netweir/api';
import type { Redirection } from './engine/hook.ts';
import { Impairer, type Wanted } from './impairer.ts';
import { Journal } from './journal/journal.ts';
import { makeWire, realAbilities, type Wire } from './wire.test-support.ts';

export const HAS_IPV6: boolean = existsSync('/proc/net/if_inet6');

const TIMERFD = 'anon_inode:[timerfd]';

/** A wire whose directions are impaired by the userspace engine. */
export interface EngineWire extends Omit<Wire, 'impairer'> {
  readonly impairer: Impairer;
  /** What its engine's thread died of. */
  readonly failures: NetweirError[];
  /** All that tc and ip show of the near end's interfaces, byte for byte but for counters. */
  readonly state: () => string;
  /** Puts it on by the userspace engine. */
  readonly impair: (wanted: Wanted) => void;
}

export function makeEngineWire(
  t: TestContext,
  suffix: string,
  redirection: Redirection = 'bpf',
): EngineWire {
  const wire = makeWire(t, suffix);
  const { impairer, failures } = makeAnother(t, wire, redirection);
  const hookFilters = (): string =>
    / ffff: /u.test(wire.shown())
      ? ['ingress', 'egress']
          .map((hook) => wire.run('tc', 'filter', 'show', 'dev', 'v0', hook))
          .join('\n')
      : '';
  return {
    ...wire,
    impairer,
    failures,
    state: () => `${wire.shown()}${hookFilters()}${wire.run('ip', '-o', 'link', 'show')}`,
    impair: (wanted) => void impairer.apply(wire.at, { ...wanted, engine: 'userspace' }, undefined),
  };
}

/**
 * Takes its timer from the engine of this process, whose thread dies when it wants to wait for the next
 * packet.
 */
export function breakEngine(): void {
  const timers = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === TIMERFD);
  assert.equal(timers.length, 1, 'one engine');
  const timer = Number(timers[0]);
  closeSync(timer);
  // Something else in its place, so that nobody's descriptor is closed with it.
  const others: number[] = [];
  for (let fd = openSync('/dev/null', 'r'); fd !== timer; fd = openSync('/dev/null', 'r')) {
    others.push(fd);
  }
  for (const fd of others) closeSync(fd);
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // That of the directory itself is closed by now.
    return undefined;
  }
}

/** Gives both ends IPv6, which speaks unasked; the far end's address. */
export function addIpv6({ run, runFar }: Pick<Wire, 'run' | 'runFar'>): string {
  run('ip', 'addr', 'add', 'fd57::1/64', 'dev', 'v0', 'nodad');
  runFar('ip', 'addr', 'add', 'fd57::2/64', 'dev', 'v1', 'nodad');
  return 'fd57::2';
}

/** What another process would have: the same journal, an engine of its own. */
export function makeAnother(
  t: TestContext,
  { stateDirectory }: Pick<Wire, 'stateDirectory'>,
  redirection: Redirection = 'bpf',
): { readonly impairer: Impairer; readonly failures: NetweirError[] } {
  const failures: NetweirError[] = [];
  const impairer = new Impairer({
    journal: new Journal(stateDirectory),
    abilities: realAbilities,
    owner: 'command',
    redirection,
    onEngineFailure: (error) => failures.push(error),
  });
  t.after(() => impairer.close());
  return { impairer, failures };
}
