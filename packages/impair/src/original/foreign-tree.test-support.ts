/** What a kernel has, by the names of tc. */
export interface Kinds {
  readonly qdiscs: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  readonly actions: ReadonlySet<string>;
}

/** Random choices that a seed determines. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    word = (word + Math.imul(word ^ (word >>> 7), word | 61)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** From `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.int(0, from.length - 1)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  /** Some of them, in their order. */
  some(...from: readonly string[]): string {
    return from.filter(() => this.chance(0.4)).join(' ');
  }
}

type Options = (dice: Dice) => string;

/** Qdiscs without classes of people's own, by their options. */
const LEAVES: Readonly<Record<string, Options>> = {
  pfifo: (d) => `limit ${d.int(1, 5000)}`,
  bfifo: (d) => `limit ${d.int(1, 5_000_000)}`,
  pfifo_fast: () => '',
  blackhole: () => '',
  tbf: (d) => {
    const rate = d.int(100, 90_000);
    const peak = d.chance(0.3) ? `peakrate ${rate * 3}kbit mtu ${d.int(2000, 3000)}` : '';
    const limit = d.pick([`limit ${d.int(10_000, 500_000)}`, `latency ${d.int(1, 900)}ms`]);
    return `rate ${rate}kbit burst ${d.int(3000, 90_000)} ${limit} ${peak} ${d.some('overhead 14 linklayer ethernet')}`;
  },
  fq_codel: (d) =>
    d.some(
      ...[
        `limit ${d.int(10, 20_000)}`,
        `flows ${2 ** d.int(4, 12)}`,
        `target ${d.int(1, 90_000)}us`,
      ],
      ...[`interval ${d.int(100, 900_000)}us`, `quantum ${d.int(300, 9000)}`, 'noecn'],
      ...[`ce_threshold ${d.int(1, 50_000)}us`, `memory_limit ${d.int(1, 64)}mb`],
      `drop_batch ${d.int(1, 100)}`,
    ),
  codel: (d) =>
    d.some(
      ...[`limit ${d.int(10, 20_000)}`, `target ${d.int(1, 90_000)}us`, 'ecn'],
      ...[`interval ${d.int(100, 900_000)}us`, `ce_threshold ${d.int(1, 50_000)}us`],
    ),
  fq: (d) =>
    d.some(
      ...[
        `limit ${d.int(100, 20_000)}`,
        `flow_limit ${d.int(1, 900)}`,
        `quantum ${d.int(2000, 9000)}`,
      ],
      ...[`initial_quantum ${d.int(2000, 90_000)}`, `maxrate ${d.int(100, 90_000)}kbit`],
      ...[`buckets ${2 ** d.int(4, 12)}`, d.pick(['pacing', 'nopacing'])],
      ...[`refill_delay ${d.int(1, 500)}ms`, `low_rate_threshold ${d.int(100, 900)}kbit`],
      ...[`orphan_mask ${d.int(1, 2000)}`, `ce_threshold ${d.int(1, 50_000)}us`],
      ...[`timer_slack ${d.int(1, 900)}us`, `horizon ${d.int(1, 20)}s`, 'horizon_cap'],
    ),
  sfq: (d) =>
    d.some(
      ...[`perturb ${d.int(1, 60)}`, `quantum ${d.int(1514, 9000)}`, `flows ${d.int(16, 500)}`],
      ...[`depth ${d.int(8, 127)}`, 'headdrop', `divisor ${2 ** d.int(7, 12)}`],
      ...[`limit ${d.int(50, 3000)}`, 'redflowlimit 100000 min 8000 max 60000 probability 0.2 ecn'],
    ),
  netem: (d) =>
    [
      `delay ${d.int(0, 900_000)}us`,
      d.some(
        ...[`loss ${d.int(1, 90)}% ${d.int(0, 90)}%`, `corrupt ${d.int(1, 90)}%`],
        ...[`rate ${d.int(100, 90_000)}kbit ${d.int(-20, 20)} ${d.int(0, 100)} ${d.int(0, 9)}`],
        ...[
          `limit ${d.int(1, 90_000)}`,
          `slot ${d.int(1, 5)}ms ${d.int(6, 9)}ms packets 9 bytes 9000`,
        ],
      ),
      d.chance(0.3) ? `reorder ${d.int(1, 90)}% 50% gap ${d.int(1, 9)}` : '',
    ].join(' '),
  cake: (d) =>
    [
      d.pick(['unlimited', `bandwidth ${d.int(1, 900)}mbit`, 'bandwidth 20mbit autorate-ingress']),
      d.pick(['besteffort', 'diffserv3', 'diffserv4', 'diffserv8', 'precedence']),
      d.pick([
        'flowblind',
        'srchost',
        'dsthost',
        'hosts',
        'flows',
        'dual-srchost',
        'triple-isolate',
      ]),
      d.some(
        ...['nat', 'wash', 'ingress', 'no-split-gso', `rtt ${d.int(1, 900)}ms`, 'fwmark 0xf0'],
        ...[`overhead ${d.int(-20, 60)} mpu ${d.int(0, 84)}`, `memlimit ${d.int(1, 64)}mb`],
        ...[d.pick(['atm', 'ptm', 'noatm']), d.pick(['ack-filter', 'ack-filter-aggressive'])],
      ),
    ].join(' '),
  pie: (d) =>
    d.some(
      ...[`limit ${d.int(10, 5000)}`, `target ${d.int(1, 90_000)}us`, `tupdate ${d.int(10, 90)}ms`],
      ...[`alpha ${d.int(0, 32)}`, `beta ${d.int(0, 32)}`, 'ecn', 'bytemode'],
    ),
  hhf: (d) =>
    d.some(
      `limit ${d.int(10, 5000)}`,
      `quantum ${d.int(1514, 9000)}`,
      `admit_bytes ${d.int(1, 90)}k`,
    ),
  skbprio: (d) => `limit ${d.int(1, 5000)}`,
  red: (d) =>
    `limit ${d.int(200, 900)}k min 30000 max ${d.int(90_000, 150_000)} avpkt 1000 burst 55 probability 0.0${d.int(1, 9)} ${d.some('ecn', 'harddrop', 'adaptative')}`,
  choke: (d) =>
    `limit ${d.int(500, 900)} bandwidth ${d.int(1, 90)}mbit min ${d.int(20, 80)} max ${d.int(100, 300)} ${d.some('ecn')}`,
};

/** Qdiscs on which filters may be. */
const FILTERED = new Set([
  'htb',
  'hfsc',
  'drr',
  'qfq',
  'prio',
  'multiq',
  'fq_codel',
  'sfq',
  'cake',
]);
const SHAPERS = ['htb', 'hfsc', 'drr', 'qfq', 'prio', 'multiq', 'mq', 'mqprio'];

/**
 * Makes up what somebody may have on `v0`, which has four queues: from a single qdisc to several levels of
 * classes with filters, and a clsact or ingress beside it. `v2` is there to be redirected to.
 */
export class TreeMaker {
  readonly #dice: Dice;
  readonly #kinds: Kinds;
  readonly #commands: string[] = [];
  readonly #majors = new Set<number>();
  #tables = 0;

  constructor(seed: number, kinds: Kinds) {
    this.#dice = new Dice(seed);
    this.#kinds = kinds;
  }

  /** The commands of `tc -batch` that build it. */
  make(): readonly string[] {
    const { qdiscs } = this.#kinds;
    if (this.#dice.chance(0.95)) this.#qdisc('root', 3, true);
    if (this.#dice.chance(0.6))
      this.#hook(this.#dice.pick(qdiscs.has('ingress') ? ['ingress', 'clsact'] : ['clsact']));
    return this.#commands;
  }

  #hook(kind: string): void {
    this.#commands.push(`qdisc add dev v0 ${kind}`);
    const parents = kind === 'ingress' ? ['ingress'] : ['ingress', 'egress'];
    for (const parent of parents) this.#filters(parent, [], 0);
  }

  #qdisc(parent: string, levels: number, alone: boolean): void {
    const dice = this.#dice;
    const place = parent === 'root' ? 'root' : `parent ${parent}`;
    const major = this.#major();
    const shapers = SHAPERS.filter(
      (kind) => this.#kinds.qdiscs.has(kind) && (parent === 'root' || !kind.startsWith('mq')),
    );
    const leaves = Object.keys(LEAVES).filter(
      (kind) => this.#kinds.qdiscs.has(kind) && (alone || kind !== 'netem'),
    );
    const isClassful = levels > 0 && dice.chance(parent === 'root' ? 0.7 : 0.25);
    const kind = dice.pick(isClassful ? shapers : leaves);
    const stab = dice.chance(0.15)
      ? dice.pick([
          'stab overhead 18',
          'stab linklayer atm overhead 10 mpu 53',
          'stab mtu 4000 tsize 256 mpu 80 overhead 4',
        ])
      : '';
    const add = (options: string): void => {
      this.#commands.push(`qdisc add dev v0 ${place} handle ${major}: ${stab} ${kind} ${options}`);
    };
    switch (kind) {
      case 'htb':
      case 'hfsc':
      case 'drr':
      case 'qfq':
        add(this.#optionsOfShaper(kind));
        this.#classes(kind, major, levels);
        return;
      case 'prio':
        add(
          `bands ${dice.int(2, 5)} priomap ${Array.from({ length: 16 }, () => dice.int(0, 1)).join(' ')}`,
        );
        this.#children(major, [1, 2], levels);
        this.#filters(`${major}:`, [`${major}:1`, `${major}:2`], 0.7);
        return;
      case 'multiq':
        add('');
        this.#children(major, [1, 2, 3, 4], levels);
        return;
      case 'mq':
        add('');
        this.#children(major, [1, 2, 3, 4], 0);
        return;
      case 'mqprio':
        add(
          `num_tc 2 map ${Array.from({ length: 16 }, () => dice.int(0, 1)).join(' ')} queues 2@0 2@2 hw 0`,
        );
        this.#children(major, [1, 2, 3, 4], 0);
        return;
    }
    add(LEAVES[kind]?.(dice) ?? '');
    if ((kind === 'tbf' || kind === 'netem') && levels > 0 && dice.chance(0.4)) {
      this.#qdisc(`${major}:1`, 0, false);
    } else if (FILTERED.has(kind)) {
      this.#filters(`${major}:`, [`${major}:1`], 0.3);
    }
  }

  #optionsOfShaper(kind: string): string {
    if (kind === 'htb') {
      return `default ${this.#dice.int(0, 40)} ${this.#dice.some(`r2q ${this.#dice.int(1, 50)}`, `direct_qlen ${this.#dice.int(1, 2000)}`)}`;
    }
    return kind === 'hfsc' ? `default ${this.#dice.int(1, 40)}` : '';
  }

  #classes(kind: string, major: number, levels: number): void {
    const dice = this.#dice;
    const isFlat = kind === 'drr' || kind === 'qfq';
    const ids: { id: string; depth: number; isInner: boolean }[] = [];
    const count = dice.int(1, 6);
    for (let index = 0; index < count; index++) {
      const id = `${major}:${(dice.int(1, 0xf0) * 16 + index).toString(16)}`;
      const parents = isFlat ? [] : ids.filter(({ depth }) => depth < 3);
      const parent = parents.length > 0 && dice.chance(0.6) ? dice.pick(parents) : undefined;
      if (parent) parent.isInner = true;
      ids.push({ id, depth: (parent?.depth ?? 0) + 1, isInner: false });
      this.#commands.push(
        `class add dev v0 parent ${parent?.id ?? `${major}:`} classid ${id} ${kind} ${this.#optionsOfClass(kind)}`,
      );
    }
    const leaves = ids.filter(({ isInner }) => !isInner).map(({ id }) => id);
    for (const id of leaves) if (dice.chance(0.5)) this.#qdisc(id, levels - 1, false);
    this.#filters(`${major}:`, leaves, 0.8);
    const inner = ids.filter(({ isInner }) => isInner).map(({ id }) => id);
    for (const id of inner) this.#filters(id, leaves, 0.4);
  }

  #optionsOfClass(kind: string): string {
    const dice = this.#dice;
    const rate = dice.int(100, 900_000);
    switch (kind) {
      case 'htb':
        return `rate ${rate}kbit ${dice.some(`ceil ${rate * 2}kbit`, `prio ${dice.int(0, 7)}`, `burst ${dice.int(2, 90)}k`, `cburst ${dice.int(2, 90)}k`, `overhead ${dice.int(1, 30)}`, `mpu ${dice.int(1, 90)}`)} quantum ${dice.int(1000, 60_000)}`;
      case 'hfsc': {
        const curve = `m1 ${rate}kbit d ${dice.int(1, 90_000)}us m2 ${dice.int(100, 90_000)}kbit`;
        return dice.pick([
          `sc rate ${rate}kbit ul rate ${rate * 2}kbit`,
          `ls ${curve}`,
          `rt ${curve} ls ${curve}`,
        ]);
      }
      case 'drr':
        return `quantum ${dice.int(100, 9000)}`;
      default:
        return `weight ${dice.int(1, 100)} maxpkt ${dice.int(1500, 4000)}`;
    }
  }

  #children(major: number, minors: readonly number[], levels: number): void {
    for (const minor of minors) {
      if (this.#dice.chance(0.6)) this.#qdisc(`${major}:${minor}`, levels - 1, false);
    }
  }

  #major(): number {
    let major: number;
    do major = this.#dice.int(1, 9999);
    while (this.#majors.has(major));
    this.#majors.add(major);
    return major;
  }

  #filters(parent: string, classes: readonly string[], likely: number): void {
    const dice = this.#dice;
    if (likely > 0 && !dice.chance(likely)) return;
    const where = parent === 'ingress' || parent === 'egress' ? parent : `parent ${parent}`;
    const isHook = where === parent;
    const prios = new Set(Array.from({ length: dice.int(1, 4) }, () => dice.int(1, 900)));
    const kinds = ['u32', 'u32', 'flower', 'fw', 'basic', 'matchall', 'flow'].filter((kind) =>
      this.#kinds.filters.has(kind),
    );
    for (const prio of [...prios]) {
      const tables = this.#tables;
      const chain = isHook && dice.chance(0.2) ? `chain ${dice.int(1, 5)}` : '';
      const start = `filter add dev v0 ${where} ${chain} prio ${prio}`;
      const to = (): string => {
        const target = classes.length > 0 ? `flowid ${dice.pick(classes)}` : '';
        const action = isHook || dice.chance(0.4) ? this.#actions() : '';
        return `${target} ${action}`;
      };
      this.#filter(dice.pick(kinds), start, prio, to);
      // The kernel would keep the hash table, and tell nobody.
      if (this.#tables > tables) prios.delete(prio);
    }
    // What is left has numbers with gaps.
    if (prios.size > 0 && dice.chance(0.3)) {
      this.#commands.push(`filter del dev v0 ${where} prio ${dice.pick([...prios])}`);
    }
  }

  #filter(kind: string, start: string, prio: number, to: () => string): void {
    const dice = this.#dice;
    const times = dice.int(1, 4);
    const each = (make: (index: number) => string): void => {
      for (let index = 0; index < times; index++) this.#commands.push(make(index));
    };
    switch (kind) {
      case 'u32':
        if (dice.chance(0.3)) this.#hashed(start, to);
        else each(() => `${start} protocol ip u32 ${this.#u32Match()} ${to()}`);
        break;
      case 'flower':
        each((index) => `${start} protocol ip flower ${this.#flowerMatch(index)} ${to()}`);
        break;
      case 'fw':
        each((index) => `${start} protocol ip handle ${prio * 256 + index}/0xfffff fw ${to()}`);
        break;
      case 'basic':
        each(
          (index) =>
            `${start} protocol ip basic match 'cmp(u8 at ${index} layer network mask 0xff gt ${dice.int(0, 200)})' ${to()}`,
        );
        break;
      case 'flow':
        this.#commands.push(
          `${start} protocol ip handle ${prio} flow hash keys src,dst divisor ${dice.int(2, 64)} perturb ${dice.int(1, 60)}`,
        );
        break;
      default:
        this.#commands.push(`${start} ${dice.some('protocol ip')} matchall ${to()}`);
    }
  }

  /** A hash table of this priority's own, filters in its buckets, and one that leads to it. */
  #hashed(start: string, to: () => string): void {
    const dice = this.#dice;
    const table = (0x100 + this.#tables++).toString(16);
    const divisor = 2 ** dice.int(0, 8);
    this.#commands.push(`${start} protocol ip handle ${table}: u32 divisor ${divisor}`);
    for (let count = dice.int(0, 4); count > 0; count--) {
      const bucket = dice.int(0, divisor - 1).toString(16);
      this.#commands.push(
        `${start} protocol ip u32 ht ${table}:${bucket}: ${this.#u32Match()} ${to()}`,
      );
    }
    this.#commands.push(
      `${start} protocol ip u32 ht 800:: match ip src 10.${dice.int(0, 255)}.0.0/16 hashkey mask 0x000000ff at 12 link ${table}:`,
    );
  }

  #u32Match(): string {
    const dice = this.#dice;
    return dice.pick([
      'match u32 0 0',
      `match ip dst 10.${dice.int(0, 255)}.${dice.int(0, 255)}.0/24`,
      `match ip src 10.0.0.${dice.int(0, 255)}/32 match ip protocol ${dice.pick([1, 6, 17])} 0xff`,
      `match ip dport ${dice.int(1, 65_535)} 0xffff match ip tos 0x${dice.int(10, 99)} 0xff`,
      `match u16 0x${dice.int(1000, 9999)} 0xffff at ${dice.int(0, 10) * 2}`,
      `match ip dst 10.1.2.${dice.int(0, 255)} indev v0`,
    ]);
  }

  #flowerMatch(index: number): string {
    const dice = this.#dice;
    return `dst_ip 10.${index}.${dice.int(0, 255)}.0/${dice.int(22, 24)} ${dice.pick([
      '',
      `ip_proto tcp dst_port ${dice.int(1, 65_535)}`,
      `ip_proto udp src_port ${dice.int(1, 100)}-${dice.int(200, 65_535)}`,
      `ip_proto tcp tcp_flags 0x${dice.int(1, 9)}/0x1ff`,
      `ip_proto icmp type ${dice.int(0, 20)} code ${dice.int(0, 9)}`,
      `ip_tos 0x${dice.int(10, 99)} src_mac 02:00:00:00:00:${dice.int(10, 99)}`,
      'ip_flags frag',
    ])}`;
  }

  #actions(): string {
    const dice = this.#dice;
    const all: Readonly<Record<string, string>> = {
      mirred: dice.pick([
        'mirred egress mirror dev v2',
        'mirred egress redirect dev v2',
        'mirred ingress mirror dev v2',
      ]),
      gact: dice.pick([
        'gact drop',
        'gact ok',
        'gact pipe random determ drop 5',
        'gact reclassify',
      ]),
      skbedit: dice.pick([
        `skbedit mark ${dice.int(1, 900)}/0xffff`,
        `skbedit priority 1:${dice.int(1, 9)}`,
        'skbedit ptype host',
      ]),
      police: dice.pick([
        `police rate ${dice.int(100, 90_000)}kbit burst ${dice.int(2, 90)}k conform-exceed ${dice.pick(['drop', 'pipe', 'ok/drop'])}`,
        `police rate 1mbit peakrate 2mbit mtu 3000 burst 9k overhead 8 drop`,
        `police pkts_rate ${dice.int(10, 900)} pkts_burst 20 conform-exceed drop/pipe`,
      ]),
      vlan: dice.pick(['vlan pop', `vlan push id ${dice.int(1, 4000)} priority 3`]),
      pedit: dice.pick(['pedit ex munge ip ttl set 63 pipe', 'pedit munge ip tos set 0x10 pipe']),
      csum: 'csum ip and tcp and udp',
      nat: `nat egress 10.0.0.0/24 192.168.${dice.int(0, 255)}.0`,
      simple: `simple sdata "seed${dice.int(1, 999)}"`,
    };
    const kinds = Object.keys(all).filter((kind) => this.#kinds.actions.has(kind));
    if (kinds.length === 0) return '';
    const chosen = Array.from({ length: dice.int(1, 3) }, () => dice.pick(kinds));
    return [...new Set(chosen)]
      .map(
        (kind) =>
          `action ${all[kind]} ${dice.chance(0.2) ? `index ${dice.int(100, 999_999)}` : ''} ${dice.chance(0.2) ? `cookie ${dice.int(10, 99)}c0ffee` : ''}`,
      )
      .join(' ');
  }
}
