/** A process that holds an open discovery: what it took to open, and what memory it has. */
import { setTimeout } from 'node:timers/promises';
import { Discovery } from '@netweir/discovery';

const SETTLE_MS = 2000;

const start = performance.now();
const discovery = await Discovery.open();
const openMs = performance.now() - start;
await setTimeout(SETTLE_MS);
const spaces = discovery.spaces().length;
console.log(JSON.stringify({ openMs, spaces, rssMb: process.memoryUsage.rss() / 1e6 }));
await discovery.close();
