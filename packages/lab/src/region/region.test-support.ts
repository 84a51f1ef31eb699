import assert from 'node:assert/strict';
import type { LabEvent, LinkConditions } from '@netweir/api';
import type { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { LabNode } from '../node/lab-node.ts';
import type { Region } from '../node/region.ts';
import type { Router } from '../node/router.ts';

export const delay = (mean: string): LinkConditions => ({ delay: { mean } });

/** The best of some round trips in milliseconds, without what finding neighbours takes. */
async function rtt(from: LabNode, to: string): Promise<number> {
  await ping(from, '-c1', to);
  return Number(/= ([\d.]+)\//.exec(await ping(from, '-c6', '-i0.05', to))?.[1]);
}

/** What it prints; the lab tells no event of it. */
export async function ping(from: LabNode, ...args: string[]): Promise<string> {
  const child = from.namespace.spawn('ping', ['-n', '-W1', ...args], { stdio: 'pipe' });
  return (await child.stdout?.setEncoding('utf8').toArray())?.join('') ?? '';
}

/** The engine's own error, two times of some microseconds each way (docs/accuracy.md), and that of ping. */
const ERROR_MS = 0.1;

export async function assertRtt(from: LabNode, to: string, leastMs: number): Promise<void> {
  const ms = await rtt(from, to);
  assert.ok(
    ms >= leastMs - ERROR_MS && ms < leastMs + 30,
    `${from.name} to ${to}: ${ms} ms, not ${leastMs}`,
  );
}

type End = LabNode & { readonly ipv4: string; readonly ipv6: string };

/** Of pairs of nodes, all at the same time, by both protocols. */
export async function assertBoth(
  ...pairs: [from: LabNode, to: End, leastMs: number][]
): Promise<void> {
  await Promise.all(
    pairs.flatMap(([from, to, leastMs]) => [
      assertRtt(from, to.ipv4, leastMs),
      assertRtt(from, to.ipv6, leastMs),
    ]),
  );
}

/** A region, and a router and a device in it. */
interface Place {
  readonly region: Region;
  readonly router: Router;
  readonly device: Device;
}

/** Three places, and what has happened since they are there. */
interface World {
  readonly us: Place;
  readonly eu: Place;
  readonly asia: Place;
  readonly events: readonly LabEvent[];
}

/** Three regions, a router and a device in each. */
export function world(lab: Lab): World {
  const { us, eu, asia } = lab.defaultRegions();
  const at = (region: typeof us) => {
    const router = lab.router(`${region.region}-isp`, { region });
    return { region, router, device: lab.device(`${region.region}-host`, { uplink: router }) };
  };
  const made = { us: at(us), eu: at(eu), asia: at(asia) };
  const events: LabEvent[] = [];
  lab.subscribe((event) => events.push(event));
  return { ...made, events };
}
