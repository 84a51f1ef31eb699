import { test } from 'node:test';
import { crashAndRecover } from './support/crash.ts';

const kills = Number(process.env.NETWEIR_CRASH_KILLS ?? 4);

test(`after kill -9 of the daemon during 50 random changes, ${kills} times, every kind of original is back: every interface has its original qdisc`, async () => {
  await crashAndRecover({ changes: 50 * Math.ceil(kills / 4), kills });
});
