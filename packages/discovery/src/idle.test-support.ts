/** A program: how much processor time a discovery uses in which nothing happens. */
import { setTimeout } from 'node:timers/promises';
import { Discovery } from './discovery.ts';

const SETTLE_MS = 1000;
const MEASURE_MS = 2000;

const discovery = await Discovery.open();
await setTimeout(SETTLE_MS);
const before = process.cpuUsage();
await setTimeout(MEASURE_MS);
const { user, system } = process.cpuUsage(before);
const spaces = discovery.spaces().length;
await discovery.close();
process.stdout.write(JSON.stringify({ spaces, cpuMs: (user + system) / 1000 }));
