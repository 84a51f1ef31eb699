import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type BitsPerSecond, directionOf, type ExactDirection, exactDirection } from '@netweir/api';
import {
  addDummy,
  createNamed,
  deleteNamed,
  dumpLinks,
  dumpQdiscs,
  handle,
  type Netem,
  type NetlinkSocket,
  type Qdisc,
  type QdiscOptions,
  replaceQdisc,
  setLinkUp,
  TC_H_ROOT,
} from '@netweir/kernel';
import fc from 'fast-check';
import { allowedDirection } from './direction.test-support.ts';
import { defaultLimitPackets } from './limit.ts';
import {
  directionOfNetem,
  distributionsOf,
  isSameNetem,
  NO_DISTRIBUTIONS,
  netemOf,
  type SentDistributions,
} from './netem.ts';
import { directionOfTbf, isSameTbf, tbfOf } from './tbf.ts';

/** NETWEIR_RANDOM_IMPAIRMENTS says how many, NETWEIR_FUZZ_SEED which. */
const IMPAIRMENTS = Number(process.env.NETWEIR_RANDOM_IMPAIRMENTS ?? 2000);
const SEED = Number(process.env.NETWEIR_FUZZ_SEED ?? 1);
/** How many are set with one batch, each on an interface of its own. */
const INTERFACES = 100;
const HANDLE = handle(0x4e57);
const MTUS = [68, 1280, 1500, 9000, 65_535];

interface Field {
  readonly netlink: NetlinkSocket;
  readonly ifindexes: readonly number[];
}

/** A namespace with interfaces that nobody uses. */
function makeField(t: TestContext): Field {
  const name = `nwrnd${process.pid}`;
  const namespace = createNamed(name);
  t.after(() => deleteNamed(name));
  const netlink = namespace.netlink();
  t.after(() => {
    netlink.close();
    namespace.close();
  });
  for (let number = 0; number < INTERFACES; number++) {
    netlink.request(addDummy({ name: `d${number}` }));
    netlink.request(setLinkUp({ name: `d${number}` }));
  }
  const links = netlink.dump(dumpLinks({ stats: false })).filter((link) => /^d\d/.test(link.name));
  return { netlink, ifindexes: links.map(({ ifindex }) => ifindex) };
}

/** Makes these the roots of the interfaces, in one batch, and reads back what they are. */
function throughTheKernel(
  { netlink, ifindexes }: Field,
  sent: readonly QdiscOptions[],
): QdiscOptions[] {
  const requests = sent.map((options, index) => {
    const place = { ifindex: ifindexes[index] ?? 0, parent: TC_H_ROOT, handle: HANDLE };
    return replaceQdisc({ ...place, target: `d${index}` }, options);
  });
  const errors = netlink.batch(requests).filter((error) => error !== undefined);
  assert.deepEqual(errors, []);
  const roots = new Map<number, Qdisc>();
  for (const qdisc of netlink.dump(dumpQdiscs())) roots.set(qdisc.ifindex, qdisc);
  return sent.map((_, index) => {
    const options = roots.get(ifindexes[index] ?? 0)?.options;
    assert.ok(options, `nothing on d${index}`);
    return options;
  });
}

/** Runs `round` with so many samples at a time as there are interfaces, `count` in all. */
function inRounds<T>(
  arbitrary: fc.Arbitrary<T>,
  count: number,
  round: (samples: T[]) => void,
): void {
  for (let done = 0; done < count; done += INTERFACES) {
    const numRuns = Math.min(INTERFACES, count - done);
    round(fc.sample(arbitrary, { numRuns, seed: SEED + done }));
  }
}

/** Whether this kernel's netem has a seed (Linux 6.6). */
function takesSeeds(field: Field): boolean {
  const [netem] = throughTheKernel(field, [netemOf({ ecn: false }, NO_DISTRIBUTIONS)]);
  return netem?.kind === 'netem' && netem.seed !== undefined;
}

/** The limit that is chosen by itself is not shown. */
function expected(wanted: ExactDirection): ExactDirection {
  const { limitPackets, ...rest } = wanted;
  return limitPackets === defaultLimitPackets(rest) ? rest : wanted;
}

describe('Random impairments', () => {
  test('come back from the kernel as they were written, each set in place of another', (t) => {
    const field = makeField(t);
    const sent: SentDistributions[] = field.ifindexes.map(() => NO_DISTRIBUTIONS);
    inRounds(allowedDirection(takesSeeds(field)), IMPAIRMENTS, (wanted) => {
      // As a person writes it, and as it is read again.
      const exact = wanted.map((one) => exactDirection(directionOf(one)));
      assert.deepEqual(exact, wanted);
      const netems = exact.map((one, index) => netemOf(one, sent[index]));
      throughTheKernel(field, netems).forEach((found, index) => {
        const [direction, netem] = [exact[index] as ExactDirection, netems[index] as Netem];
        assert.ok(found.kind === 'netem');
        const seen = netem.seed === undefined ? withoutSeed(found) : found;
        assert.deepEqual(directionOfNetem(found, direction), expected(direction));
        assert.ok(isSameNetem(seen, netem), JSON.stringify({ seen, netem }, plain));
        sent[index] = distributionsOf(direction);
      });
    });
    t.diagnostic(`${IMPAIRMENTS} netems`);
  });

  test('of a rate alone come back from a token bucket', (t) => {
    const field = makeField(t);
    const bytesPerSecond = fc.oneof(
      fc.integer({ min: 1, max: 100_000_000 }),
      fc.integer({ min: 1, max: 2 ** 40 }),
    );
    const rates = fc.tuple(bytesPerSecond, fc.constantFrom(...MTUS));
    inRounds(rates, IMPAIRMENTS, (wanted) => {
      const buckets = wanted.map(([bytes, mtu]) => tbfOf((8 * bytes) as BitsPerSecond, mtu));
      throughTheKernel(field, buckets).forEach((found, index) => {
        const bucket = buckets[index];
        assert.ok(found.kind === 'tbf' && bucket);
        assert.deepEqual(directionOfTbf(found), directionOfTbf(bucket));
        assert.ok(isSameTbf(found, bucket), JSON.stringify({ found, bucket }));
      });
    });
    t.diagnostic(`${IMPAIRMENTS} token buckets`);
  });
});

/** One that the kernel drew by itself. */
function withoutSeed({ seed: _, ...netem }: Netem): Netem {
  return netem;
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
