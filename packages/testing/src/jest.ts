/** Labs as fixtures of Jest. */
import type { Lab, LabOptions } from '@netweir/lab';
import { type Build, LabOfTest, theLab } from './lab-of-test.ts';

/** A test that is given a lab of its own, or what is built of it. */
export type LabTest<Given> = (
  name: string,
  body: (given: Given) => unknown,
  timeoutMs?: number,
) => void;

/** What is used of Jest's globals. */
declare const test: (name: string, body: () => Promise<void>, timeoutMs?: number) => void;
declare const afterEach: (body: () => Promise<void>) => void;

/**
 * Makes a `test` whose tests have a lab each; to be called where tests are declared. The lab is closed at
 * the end of the test, also where that fails or runs out of time; then what it was is printed before.
 * Jest runs modules only by `node --experimental-vm-modules`.
 *
 * @example
 * const labTest = labTests();
 * labTest('…', async (lab) => { … });
 */
export function labTests(): LabTest<Lab>;
export function labTests<Given>(build: Build<Given>, options?: LabOptions): LabTest<Given>;
export function labTests(
  build: Build<unknown> = theLab,
  options: LabOptions = {},
): LabTest<unknown> {
  let opened: LabOfTest<unknown> | undefined;
  let passed = false;
  // This comes after a test that ran out of time, too, of which its own function knows nothing.
  afterEach(async () => {
    const ended = opened;
    opened = undefined;
    if (!ended) return;
    if (!passed) process.stderr.write(`${ended.report()}\n`);
    await ended.close();
  });
  return (name, body, timeoutMs) =>
    test(
      name,
      async () => {
        passed = false;
        opened = await LabOfTest.open(build, options);
        await body(opened.given);
        passed = true;
      },
      timeoutMs,
    );
}
