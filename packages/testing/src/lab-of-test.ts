import { Lab, type LabOptions } from '@netweir/lab';
import { describeLab } from './describe-lab.ts';

/** Makes of a new lab what a test is given, such as handles of the nodes that it makes. */
export type Build<Given> = (lab: Lab) => Given | Promise<Given>;

/** Events that are told where a test fails: the last ones. */
const TOLD_EVENTS = 20;

/** The lab of one test, from its beginning to its end, whatever that is. */
export class LabOfTest<Given> {
  readonly given: Given;
  readonly #lab: Lab;
  readonly #events: string[];

  private constructor(lab: Lab, events: string[], given: Given) {
    this.#lab = lab;
    this.#events = events;
    this.given = given;
  }

  /** Makes a lab and has it built; where that fails, nothing of it is left. */
  static async open<Given>(build: Build<Given>, options: LabOptions): Promise<LabOfTest<Given>> {
    const lab = await Lab.create(options);
    const events: string[] = [];
    lab.subscribe(({ at, kind, node, interface: name, value }) => {
      const where = [node, name].filter((part) => part !== null).join('/');
      const what = value === null ? '' : ` ${JSON.stringify(value)}`;
      events.push(`${at} ${kind} ${where}${what}`);
      if (events.length > TOLD_EVENTS) events.shift();
    });
    try {
      return new LabOfTest(lab, events, await build(lab));
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** For whom a test fails: the lab as it is now, and what happened last. */
  report(): string {
    return [describeLab(this.#lab.state()), 'What happened last:', ...this.#events].join('\n');
  }

  async close(): Promise<void> {
    await this.#lab.close();
  }
}

/** Gives a test the lab itself. */
export function theLab(lab: Lab): Lab {
  return lab;
}
