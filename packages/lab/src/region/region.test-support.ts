import assert from 'node:assert/strict';
import type { LabEvent, LinkConditions } from '@netweir/api';
import { output, pings } from '../lab.test-support.ts';
import type { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { LabNode } from '../node/lab-node.ts';
import type { Region } from '../node/region.ts';
import type { Router } from '../node/router.ts';

export const delay = (mean: string): LinkConditions => ({ delay: { mean } });

/** The best of some round trips in milliseconds, without what finding neighbours takes. */
function rtt(from: LabNode, to: string): number {
  pings(from, to);
  const text = output(from, 'ping', '-n', '-c4', '-i0.02', '-W1', to);
  return Number(/= ([\d.]+)\//.exec(text)?.[1]);
}

export function assertRtt(from: LabNode, to: string, leastMs: number): void {
  const ms = rtt(from, to);
  assert.ok(ms >= leastMs && ms < leastMs + 30, `${from.name} to ${to}: ${ms} ms, not ${leastMs}`);
}

export function assertBoth(
  from: LabNode,
  to: { readonly ipv4: string; readonly ipv6: string },
  leastMs: number,
): void {
  assertRtt(from, to.ipv4, leastMs);
  assertRtt(from, to.ipv6, leastMs);
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
