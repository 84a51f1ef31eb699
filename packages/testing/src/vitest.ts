/** Labs as fixtures of Vitest. */
import type { Lab, LabOptions } from '@netweir/lab';
import { type Build, LabOfTest, theLab } from './lab-of-test.ts';

/** What is used of Vitest's context of a test. */
interface Context {
  readonly task: { readonly result?: { readonly state: string } | undefined };
}

/** A function for `test.extend`. */
export type LabFixture<Given> = (
  context: Context,
  use: (given: Given) => Promise<void>,
) => Promise<void>;

/**
 * A fixture that gives each test a lab of its own, or what is built of it. It is closed at the end of
 * the test, whatever that is; where it fails, what the lab was is printed before. Needs the pool
 * `forks`, Vitest's default: threads of one process share what a lab changes.
 *
 * @example
 * const labTest = test.extend({ lab: labFixture() });
 * labTest('…', async ({ lab }) => { … });
 */
export function labFixture(): LabFixture<Lab>;
export function labFixture<Given>(build: Build<Given>, options?: LabOptions): LabFixture<Given>;
export function labFixture(
  build: Build<unknown> = theLab,
  options: LabOptions = {},
): LabFixture<unknown> {
  // Vitest reads from the source which properties of the context are used.
  return async ({ task }, use) => {
    const opened = await LabOfTest.open(build, options);
    try {
      await use(opened.given);
      if (task.result?.state === 'fail') process.stderr.write(`${opened.report()}\n`);
    } finally {
      await opened.close();
    }
  };
}
