import { test } from 'node:test';
import { crashMany } from './support/crash-many.ts';

const interfaces = Number(process.env.NETWEIR_CRASH_INTERFACES ?? 20);
/** One that was impaired is restored in a second, and 200 are where nothing else keeps the machine busy. */
const deadlineMs = Number(process.env.NETWEIR_CRASH_DEADLINE_MS ?? 5000);

for (const engine of ['kernel', 'userspace'] as const) {
  test(`after kill -9 of a daemon that impaired ${interfaces} interfaces, all are restored by themselves, ${engine} engine`, async (t) => {
    t.diagnostic(`${Math.round(await crashMany(engine, interfaces, deadlineMs))} ms`);
  });
}
