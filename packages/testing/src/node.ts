/** Labs as fixtures of node:test. */
import { type TestContext, type TestOptions, test } from 'node:test';
import type { Lab, LabOptions } from '@netweir/lab';
import { type Build, LabOfTest, theLab } from './lab-of-test.ts';

/** A test that is given a lab of its own, or what is built of it. */
export interface LabTest<Given> {
  (name: string, body: (given: Given, t: TestContext) => unknown): void;
  (name: string, options: TestOptions, body: (given: Given, t: TestContext) => unknown): void;
}

/**
 * Makes a `test` whose tests have a lab each. It is closed at the end of the test, also where that
 * fails, runs out of time or is aborted; then what it was is told before. Tests may run at the same time.
 *
 * @example
 * const labTest = labTests((lab) => {
 *   const home = lab.router('home', { preset: 'home' });
 *   return { lab, laptop: lab.device('laptop', { uplink: home }) };
 * });
 * labTest('a laptop reaches the exchange', async ({ lab, laptop }, t) => { … });
 */
export function labTests(): LabTest<Lab>;
export function labTests<Given>(build: Build<Given>, options?: LabOptions): LabTest<Given>;
export function labTests(
  build: Build<unknown> = theLab,
  options: LabOptions = {},
): LabTest<unknown> {
  return (name: string, ...rest: readonly unknown[]) => {
    const body = rest.at(-1) as (given: unknown, t: TestContext) => unknown;
    const testOptions = rest.length > 1 ? (rest[0] as TestOptions) : {};
    void test(name, testOptions, (t) => run(t, build, options, body));
  };
}

async function run(
  t: TestContext,
  build: Build<unknown>,
  options: LabOptions,
  body: (given: unknown, t: TestContext) => unknown,
): Promise<void> {
  const opened = await LabOfTest.open(build, options);
  let told = false;
  const tell = (): void => {
    if (!told) t.diagnostic(opened.report());
    told = true;
  };
  t.after(() => opened.close());
  // At the end of its time the test is not told by its own function.
  t.signal.addEventListener('abort', tell, { once: true });
  try {
    await body(opened.given, t);
  } catch (error) {
    tell();
    throw error;
  } finally {
    t.signal.removeEventListener('abort', tell);
  }
}
