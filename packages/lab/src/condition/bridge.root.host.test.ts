import { test } from 'node:test';
import { Lab } from '../lab.ts';
import { delay } from './directions.test-support.ts';
import { assertRoundTrip } from './traffic.test-support.ts';

test("what a router's network sends to it has conditions, too, where BPF programs may be loaded", async () => {
  await using lab = await Lab.create();
  const home = lab.router('home', { downlinkConditions: delay('15ms') });
  const laptop = lab.device('laptop', { uplink: home });
  assertRoundTrip(laptop, lab.ix.ipv4, 30);
  home.setConditions('lan', { ingress: delay('25ms') });
  assertRoundTrip(laptop, lab.ix.ipv4, 25);
});
