import assert from 'node:assert/strict';
import type { Container, Impairment, NamedRule, NetweirError } from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace } from '@netweir/discovery';
import type { End } from './host-ends.ts';
import { Standing } from './standing.ts';

/** An impairment by a delay of `mean`. */
export const delay = (mean: string): Impairment => ({ egress: { delay: { mean } } });
/** A rule for containers whose names begin with web. */
export const SLOW: NamedRule = {
  name: 'slow',
  source: 'api',
  rule: { match: { name: 'web*' }, impairment: delay('1ms') },
};

/** Only what decides is filled in. */
export function interfaceOf(ifindex: number, name: string): DiscoveredInterface {
  return { ifindex, name, network: null, up: true } as unknown as DiscoveredInterface;
}

export function spaceOf(
  containers: readonly Container[],
  names: readonly string[] = ['lo', 'eth0'],
  kind: DiscoveredSpace['kind'] = 'docker',
): DiscoveredSpace & { interfaces: Map<number, DiscoveredInterface> } {
  const interfaces = new Map(names.map((name, at) => [at + 1, interfaceOf(at + 1, name)]));
  const id = kind === 'host' ? 'host' : `docker:${containers[0]?.name}`;
  return { id, kind, aliases: [], containers, interfaces } as unknown as DiscoveredSpace & {
    interfaces: Map<number, DiscoveredInterface>;
  };
}

/** A `Standing` whose effects are only noted. */
export interface Stage {
  readonly standing: Standing;
  /** `apply docker:web/eth0 1ms`, in the order in which it was done; cleared when it is read. */
  readonly done: () => string[];
  readonly problems: string[];
  /** Interfaces on which an engine has died, by their indexes. */
  readonly lost: Set<number>;
  readonly peers: Map<DiscoveredInterface, End>;
  /** What the next apply fails with. */
  fail: NetweirError | undefined;
}

export function stage(rules: readonly NamedRule[] = []): Stage {
  const calls: string[] = [];
  const problems: string[] = [];
  const self: Stage = {
    standing: new Standing({
      apply: (space, one, impairment, expiresAt) => {
        const lease = expiresAt ? ' with a lease' : '';
        calls.push(`apply ${space.id}/${one.name} ${impairment.egress?.delay?.mean}${lease}`);
        const { fail } = self;
        self.fail = undefined;
        if (fail) throw fail;
      },
      clear: (space, one) => void calls.push(`clear ${space.id}/${one.name}`),
      isInForce: (_, { ifindex }) => !self.lost.has(ifindex),
      onNotice: () => undefined,
      isTool: (_, { name }) => name.startsWith('nw'),
      peerOf: (one) => self.peers.get(one),
      onProblem: ({ message }) => void problems.push(message),
    }),
    done: () => calls.splice(0),
    problems,
    lost: new Set(),
    peers: new Map(),
    fail: undefined,
  };
  self.standing.configure(rules, {}, []);
  return self;
}

export const eth0 = (space: DiscoveredSpace): DiscoveredInterface => {
  const found = space.interfaces.get(2);
  assert.ok(found);
  return found;
};
