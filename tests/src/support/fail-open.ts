import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { Daemon, Site } from './daemon.ts';
import { Pinging, type Reply } from './pinging.ts';
import { linkState, TestNamespace, tcState, until } from './witness.ts';

const NEAR = '10.60.0.1';
const FAR = '10.60.0.2';
const PING_INTERVAL_MS = 20;

/** Of each way, so that a round trip takes at least twice as long while the engine works. */
const DELAY_MS = 10;
/** Below it, a round trip is that of a plain veth, also on a busy machine. */
const UNIMPAIRED_MS = 5;
/** So many unimpaired replies in a row are no chance. */
const IN_A_ROW = 5;

/** What a kill caused. */
export interface Outcome {
  /** From the kill to the first of the unimpaired replies. */
  readonly gapMs: number;
}

/** Two namespaces joined by a veth, with a stream of UDP and a ping between them all the time. */
class Load implements Disposable {
  readonly near = new TestNamespace('open');
  readonly far = new TestNamespace('openp');
  readonly pinging: Pinging;
  readonly #iperf: ChildProcess[];

  constructor() {
    this.near.ip('link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'b0', 'netns', this.far.name);
    this.near.ip('addr', 'add', `${NEAR}/24`, 'dev', 'a0');
    this.far.ip('addr', 'add', `${FAR}/24`, 'dev', 'b0');
    this.near.ip('link', 'set', 'a0', 'up');
    this.far.ip('link', 'set', 'b0', 'up');
    this.#iperf = [this.#run(this.far, 'iperf3', '-s')];
    this.pinging = new Pinging(this.near, FAR, PING_INTERVAL_MS);
  }

  /** @throws where the server does not listen in time */
  async start(): Promise<void> {
    await until('iperf3 listens', 5000, () => this.far.exec('ss', '-ltn').includes(':5201'));
    const stream = ['-u', '-b', '20M', '-l', '1400', '-t', '86400'];
    this.#iperf.push(this.#run(this.near, 'iperf3', '-c', FAR, ...stream));
    const received = (): number => this.#receivedPackets();
    const before = received();
    await until('the stream flows', 5000, () => received() > before + 1000);
  }

  state(): string {
    return `${tcState(this.near.name, 'a0')}${linkState(this.near.name)}`;
  }

  [Symbol.dispose](): void {
    this.pinging[Symbol.dispose]();
    for (const child of this.#iperf) child.kill();
    this.near[Symbol.dispose]();
    this.far[Symbol.dispose]();
  }

  #run({ name }: TestNamespace, ...command: string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', name, ...command], { stdio: 'ignore' });
  }

  #receivedPackets(): number {
    const [link] = JSON.parse(this.far.ip('-j', '-s', 'link', 'show', 'b0')) as {
      stats64: { rx: { packets: number } };
    }[];
    return link?.stats64.rx.packets ?? 0;
  }
}

/**
 * Kills a daemon whose engine impairs both ways of an interface under load, again and again: each time
 * packets must flow unimpaired within a second, with nobody's help, and the next daemon must find
 * nothing to leave behind.
 */
export async function killUnderLoad(rounds: number): Promise<Outcome[]> {
  using site = new Site();
  using load = new Load();
  await load.start();
  const before = load.state();
  const outcomes: Outcome[] = [];
  for (let round = 1; round <= rounds; round++) {
    // What the guardian would restore is to be seen.
    const daemon = await Daemon.start(site, '--no-guardian');
    assert.equal(load.state(), before, `after the start of round ${round}`);
    outcomes.push(await killOnce(daemon, load));
    assert.notEqual(load.state(), before, 'the kill left nothing, so that nothing was proved');
  }
  const last = await Daemon.start(site);
  assert.equal(load.state(), before, 'after the last start');
  assert.equal(await last.stop(), 0);
  return outcomes;
}

/** Stops a daemon's process and lets it go on: meanwhile, packets must flow unimpaired. */
export async function stopUnderLoad(): Promise<Outcome> {
  using site = new Site();
  using load = new Load();
  await load.start();
  await using daemon = await Daemon.start(site);
  await impair(daemon, load);
  process.kill(daemon.pid, 'SIGSTOP');
  try {
    return await awaitUnimpaired(load, Date.now());
  } finally {
    process.kill(daemon.pid, 'SIGCONT');
    await awaitImpaired(load);
  }
}

async function killOnce(daemon: Daemon, load: Load): Promise<Outcome> {
  await impair(daemon, load);
  const killedMs = Date.now();
  await daemon.kill();
  return awaitUnimpaired(load, killedMs);
}

async function impair(daemon: Daemon, load: Load): Promise<void> {
  const direction = { delay: { mean: `${DELAY_MS}ms` } };
  const report = await daemon.netweir.setImpairment(
    { space: load.near.space, interface: 'a0' },
    { egress: direction, ingress: direction, engine: 'userspace' },
  );
  assert.deepEqual(report.egress, direction);
  await awaitImpaired(load);
}

/** For some round trips, so that what follows falls anywhere between two beats of the engine. */
async function awaitImpaired({ pinging }: Load): Promise<void> {
  const sequence = (pinging.last?.sequence ?? 0) + 5 + Math.floor(Math.random() * 8);
  await until('the engine delays both ways', 5000, () => {
    const { last } = pinging;
    return last !== undefined && last.sequence >= sequence && last.rttMs >= 2 * DELAY_MS;
  });
}

async function awaitUnimpaired({ pinging }: Load, sinceMs: number): Promise<Outcome> {
  const first = (): Reply | undefined => firstUnimpaired(pinging, sinceMs);
  await until('round trips are unimpaired', 5000, () => first() !== undefined);
  return { gapMs: (first()?.atMs ?? Infinity) - sinceMs };
}

/** The first of several unimpaired replies in a row since `sinceMs`. */
function firstUnimpaired({ replies }: Pinging, sinceMs: number): Reply | undefined {
  const isUnimpaired = ({ atMs, rttMs }: Reply): boolean =>
    atMs >= sinceMs && rttMs < UNIMPAIRED_MS;
  return replies.find((_, index) => {
    const row = replies.slice(index, index + IN_A_ROW);
    return row.length === IN_A_ROW && row.every(isUnimpaired);
  });
}
