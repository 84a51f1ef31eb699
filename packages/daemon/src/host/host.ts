import { hostname, release } from 'node:os';
import type {
  Capabilities,
  Config,
  EventMessage,
  Forgotten,
  Impairment,
  ImpairmentReport,
  InterfaceRef,
  Inventory,
  LinkState,
  NamedRule,
  Netweir,
  NetweirError,
  Operation,
  RestoreReport,
  Rule,
  Target,
} from '@netweir/api';
import {
  type DiscoveredSpace,
  Discovery,
  type DiscoveryChange,
  followContainers,
} from '@netweir/discovery';
import { type Entry, examineHost, netweirErrorOf, type Reachable, setLink } from '@netweir/impair';
import { containerOptionsOf } from '../config/container-options.ts';
import { LabImpairments } from '../labs/impairments.ts';
import { LabKeeper } from '../labs/keeper.ts';
import { RuleBook } from '../rules/book.ts';
import { checkImpairment } from '../rules/check.ts';
import { VERSION } from '../version.ts';
import { type AskedOf, askedOf } from './asked.ts';
import { Departed } from './departed.ts';
import { ElsewhereWatch } from './elsewhere-watch.ts';
import type { Host, HostOptions } from './host-options.ts';
import { endOf } from './leases.ts';
import { Measurements } from './measure/measurements.ts';
import { OwnChanges } from './own-changes.ts';
import {
  entryLookup,
  isImpaired,
  type Known,
  presentChange,
  presentSpace,
  toolOf,
  withToolsOwners,
} from './present.ts';
import { Probes } from './probes.ts';
import {
  findPeer,
  findReachable,
  findSpace,
  type OtherEnd,
  reach,
  reachable,
  reachEnds,
} from './reach.ts';
import { Settings } from './settings.ts';
import { Standing } from './standing/standing.ts';
import { Watchers } from './watchers.ts';
import { refuseWithoutDaemon } from './without-daemon.ts';

export type { Host, HostOptions };

const COUNTER_INTERVAL_MS = 1000;

/**
 * Opens netweir on this host. A daemon first puts back what a former one left when it was killed,
 * and whatever has expired; then it applies the rules to the containers that are there.
 *
 * @throws NetweirError
 */
export async function openHost(options: HostOptions): Promise<Host> {
  try {
    return hostOn(
      await Discovery.open({
        containers: followContainers(containerOptionsOf(options.config ?? {})),
      }),
      options,
    );
  } catch (error) {
    throw netweirErrorOf(error);
  }
}

/** netweir on what a discovery sees, which it takes over. @throws NetweirError */
export function hostOn(discovery: Discovery, options: HostOptions): Host {
  const host = new LocalHost(options, discovery);
  if (options.owner === 'daemon') host.start();
  return host;
}

class LocalHost implements Host {
  readonly #options: HostOptions;
  readonly #discovery: Discovery;
  readonly #settings: Settings;
  readonly #standing: Standing;
  readonly #watchers: Watchers;
  readonly #changes: OwnChanges;
  readonly #elsewhere: ElsewhereWatch;
  readonly #labs: LabKeeper;
  readonly #labImpairments = new LabImpairments();
  readonly #probes = new Probes((change) => this.#watchers.tell([change]));
  readonly #measurements: Measurements;
  readonly #rules = new RuleBook();
  readonly #departed = new Departed((keys) => this.#settings.dropGone(keys));
  /** By their keys, to know them by when they are gone. */
  readonly #spaces = new Map<string, DiscoveredSpace>();
  #config: Config;
  #closing = false;

  constructor(options: HostOptions, discovery: Discovery) {
    const onProblem = (error: NetweirError): void => options.onProblem?.(error);
    this.#options = options;
    this.#discovery = discovery;
    this.#config = options.config ?? {};
    this.#rules.configure(this.#config);
    this.#changes = new OwnChanges({
      discovery,
      tell: (changes) => this.#discovered(changes),
      onProblem,
    });
    this.#settings = new Settings({
      discovery,
      stateDirectory: options.stateDirectory,
      guardian: options.guardian ?? false,
      provisionalMs: options.provisionalMs,
      owner: options.owner,
      labs: this.#labImpairments,
      abilities: options.abilities,
      onChange: (at) => this.#changes.tell(at),
      onLeaseEnd: (at) => this.#leaseEnded(at),
      onProblem,
    });
    this.#elsewhere = new ElsewhereWatch({
      discovery,
      settings: this.#settings,
      onChange: (at) => this.#changes.tell(at),
      onProblem,
    });
    const otherEnd: OtherEnd = (space, one) => {
      const peer = findPeer(discovery, one);
      // A router of a lab is on top of what its cable's pair of veth interfaces leads to.
      return peer && peer[0] !== space ? peer : (this.#labs.otherEnd(space, one) ?? peer);
    };
    this.#measurements = new Measurements({
      discovery,
      otherEnd,
      report: (at) => this.#settings.report(at),
    });
    this.#standing = new Standing({
      apply: (space, one, impairment, expiresAt) => {
        const at = reachable(space, one);
        this.#settings.apply(at, impairment, expiresAt);
        this.#changes.addInterface(at);
      },
      clear: (space, one) => void this.#settings.clear(reachable(space, one)),
      isInForce: (space, one) =>
        isImpaired(space, one, this.#known(this.#settings.readableEntries())),
      isTool: (space, one) => space.interfaces.has(toolOf(one) ?? -1),
      peerOf: (one) => findPeer(discovery, one),
      onProblem,
      onNotice: (space) => this.#changes.addSpace(space),
    });
    this.#labs = new LabKeeper({
      discovery,
      tell: (changes) => this.#watchers.tell(changes),
      onConditions: (ref) => {
        for (const end of reachEnds(discovery, otherEnd, ref)) {
          this.#settings.replaced(end);
          this.#changes.tell(end);
        }
      },
      onProblem,
    });
    this.#watchers = new Watchers(() => discovery.pollCounters(COUNTER_INTERVAL_MS));
    for (const space of discovery.spaces()) this.#spaces.set(space.namespace.key, space);
    discovery.onChanges((changes) => this.#discovered(changes));
  }

  /** What a daemon does first. */
  start(): void {
    this.#settings.recover();
    for (const asked of askedOf(this.#settings.readableEntries()).values()) this.#adopt(asked);
    this.#applyRules();
  }

  async inventory({ stopped }: { readonly stopped?: boolean } = {}): Promise<Inventory> {
    this.#discovery.readCounters();
    const withStopped = stopped ?? this.#showsStopped;
    const known = this.#known(this.#settings.readableEntries());
    return {
      hostname: hostname(),
      kernel: release(),
      spaces: this.#discovery.spaces().map((space) => presentSpace(space, known)),
      unreadable: [...this.#discovery.unreadable()].map(([name, { message }]) => ({
        name,
        reason: message,
      })),
      runtimes: [...this.#discovery.runtimes()],
      stopped: withStopped ? [...this.#discovery.stopped()] : [],
      probes: this.#probes.list(),
      labs: this.#labs.list(),
    };
  }

  async capabilities(): Promise<Capabilities> {
    const { stateDirectory } = this.#options;
    const examined = examineHost(stateDirectory, () => this.#settings.abilities());
    return { version: VERSION, ...examined };
  }

  async impairment(ref: InterfaceRef): Promise<ImpairmentReport> {
    return this.#settings.report(reach(this.#discovery, ref));
  }

  async setImpairment(ref: InterfaceRef, impairment: Impairment): Promise<ImpairmentReport> {
    await this.#settings.learnNames(impairment);
    const at = reach(this.#discovery, ref);
    const expiresAt = endOf(impairment);
    const report = this.#settings.apply(at, impairment, expiresAt);
    const found = findReachable(this.#discovery, at);
    if (found) this.#standing.setByPerson(...found, impairment, expiresAt);
    this.#changes.tell(at);
    return report;
  }

  async previewImpairment(ref: InterfaceRef, impairment: Impairment): Promise<Operation[]> {
    await this.#settings.learnNames(impairment);
    return this.#settings.preview(reach(this.#discovery, ref), impairment);
  }

  async confirmImpairment(ref: InterfaceRef): Promise<ImpairmentReport> {
    return this.#settings.confirm(reach(this.#discovery, ref));
  }

  readonly clearImpairment: Netweir['clearImpairment'] = async (ref, options) => {
    const at = reach(this.#discovery, ref);
    // First, because what is cleared is told as a change of the interface, too.
    const found = findReachable(this.#discovery, at);
    if (found) this.#standing.clearedByPerson(...found);
    return this.#settings.clear(at, options);
  };

  async forget(target?: Target): Promise<Forgotten> {
    return this.#standing.forget(target, this.#discovery.spaces());
  }

  async setLink(ref: InterfaceRef, state: LinkState): Promise<void> {
    const at = reach(this.#discovery, ref);
    setLink(at, state);
    this.#discovery.refresh(at.space, at.ifindex);
  }

  async restore(): Promise<RestoreReport> {
    this.#standing.restoredByPerson();
    return this.#settings.restore();
  }

  readonly putProbe: Netweir['putProbe'] = async (id, request) =>
    this.#probes.put(id, request, findSpace(this.#discovery, request.space));

  readonly deleteProbe: Netweir['deleteProbe'] = async (id) => this.#probes.delete(id);

  readonly measure: Netweir['measure'] = (request) => this.#measurements.measure(request);

  readonly rules: Netweir['rules'] = async () => this.#rules.list();

  async putRule(name: string, rule: Rule): Promise<NamedRule> {
    refuseWithoutDaemon(this.#options.owner, `the rule ${name}`);
    checkImpairment(rule.impairment);
    const named = this.#rules.put(name, rule);
    this.#applyRules();
    return named;
  }

  async deleteRule(name: string): Promise<void> {
    refuseWithoutDaemon(this.#options.owner, `the rule ${name}`);
    this.#rules.delete(name);
    this.#applyRules();
  }

  readonly labs: Netweir['labs'] = async () => this.#labs.list();

  readonly lab: Netweir['lab'] = async (name, options) => this.#labs.state(name, options);

  readonly labNamespaces: Netweir['labNamespaces'] = async (name, node) =>
    this.#labs.namespaces(name, node);

  readonly changeLab: Netweir['changeLab'] = (name, change) => this.#labs.change(name, change);

  readonly deleteLab: Netweir['deleteLab'] = (name) => this.#labs.delete(name);

  readonly putLab: Netweir['putLab'] = async (name, file) => {
    refuseWithoutDaemon(this.#options.owner, `the lab ${name}`);
    return await this.#labs.put(name, file);
  };

  configure(config: Config): void {
    this.#config = config;
    this.#rules.configure(config);
    this.#applyRules();
  }

  async watch(
    onMessage: (message: EventMessage) => void,
    _onEnd: (error?: Error) => void,
  ): Promise<() => void> {
    return this.#watchers.add(onMessage, () => this.inventory());
  }

  async close({ restore }: { restore: boolean } = { restore: false }): Promise<void> {
    await this.#measurements.close();
    await this.#labs.close();
    this.#closing = true;
    this.#departed.close();
    this.#elsewhere.close();
    this.#watchers.clear();
    await this.#settings.close({ restore });
    await this.#labImpairments.close();
    await this.#probes.close();
    await this.#discovery.close();
  }

  /** What a command set without a daemon, or a former one, was set by a person. */
  #adopt({ place, impairment, expiresAt }: AskedOf): void {
    const { namespaceDevice: dev, namespaceInode: ino, ifindex } = place;
    for (const space of this.#discovery.spaces()) {
      const { identity } = space.namespace;
      const one = space.interfaces.get(ifindex);
      if (identity.dev !== dev || identity.ino !== ino || !one) continue;
      this.#standing.setByPerson(space, one, impairment, expiresAt);
    }
  }

  #applyRules(): void {
    if (this.#rules.list().length > 0) this.#settings.prepare();
    this.#standing.configure(this.#rules.list(), this.#config, this.#discovery.spaces());
    this.#changes.tellAll();
  }

  #leaseEnded(at: Reachable): void {
    const found = findReachable(this.#discovery, at);
    if (found) this.#standing.leaseEnded(...found);
    this.#changes.tellAll();
  }

  /** Rules come first: their impairments are to be there before the container sends its first packet. */
  #discovered(changes: readonly DiscoveryChange[]): void {
    if (this.#closing) return;
    for (const change of changes) this.#follow(change);
    if (!this.#watchers.isEmpty) {
      const onlyCounters = changes.every(({ type }) => type === 'counters');
      const known = this.#known(onlyCounters ? [] : this.#settings.readableEntries());
      // A snapshot and what follows it have to agree on whether there are any.
      const shown = changes.filter(({ type }) => type !== 'stopped' || this.#showsStopped);
      const all = withToolsOwners(shown, known.entryOf);
      const told = all.map((change) => presentChange(change, known));
      const toTell = told.filter((change) => change !== undefined);
      if (toTell.length > 0) this.#watchers.tell(toTell);
    }
    this.#changes.tellAll();
  }

  #follow(change: DiscoveryChange): void {
    if (change.type === 'space') {
      this.#spaces.set(change.space.namespace.key, change.space);
      this.#probes.rename(change.space);
    }
    if (change.type === 'space-removed') this.#leave(change.key);
    if (change.type === 'interface-removed') {
      const { key } = change.space.namespace;
      this.#settings.leave(key, change.ifindex);
      this.#departed.add(key);
    }
    if (this.#options.owner === 'daemon') this.#standing.react(change);
  }

  /** Nothing of ours may keep a namespace alive that has no name any more. */
  #leave(key: string): void {
    const space = this.#spaces.get(key);
    // Of one that has got another name only the former is gone.
    if (!space || this.#discovery.space(space.id) === space) return;
    this.#spaces.delete(key);
    this.#probes.deleteOf(key);
    this.#measurements.endOf(key);
    this.#settings.leave(key);
    this.#standing.leave(space);
    this.#departed.add(key);
  }

  get #showsStopped(): boolean {
    return this.#config.containers?.show_stopped_containers ?? false;
  }

  #known(entries: readonly Entry[]): Known {
    return {
      entryOf: entryLookup(entries),
      ruleOf: (space, ifindex) => this.#standing.ruleOf(space, ifindex),
      problemsOf: (space) => this.#standing.problemsOf(space),
      peerOf: (one) => findPeer(this.#discovery, one),
      elsewhereOf: (space, one) => this.#settings.changedElsewhere(reachable(space, one)),
    };
  }
}
