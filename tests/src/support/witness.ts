import { execFileSync } from 'node:child_process';

/** Runs another program to its end and gives what it printed; throws with its words where it failed. */
export function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What tc says of an interface: its qdiscs, classes and the filters on clsact, whole. */
export function tcState(namespace: string, name: string): string {
  const show = (object: string, ...hook: string[]): string =>
    run('tc', '-n', namespace, object, 'show', 'dev', name, ...hook);
  const qdiscs = show('qdisc');
  // tc fails where there is nothing on which such filters could be.
  const filters = / ffff: /u.test(qdiscs)
    ? show('filter', 'ingress') + show('filter', 'egress')
    : '';
  return `${qdiscs}${show('class')}${filters}`;
}

/** What ip says of all interfaces of a namespace. */
export function linkState(namespace: string): string {
  return run('ip', '-n', namespace, '-o', 'link', 'show');
}

/** Polls until `condition` holds; fails with `what` after `deadlineMs`. */
export async function until(
  what: string,
  deadlineMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A named namespace made by `ip`, with everything in it removed at the end. */
export class TestNamespace implements Disposable {
  readonly name: string;

  constructor(label: string) {
    this.name = `nw-${label}-${process.pid}`;
    run('ip', 'netns', 'add', this.name);
  }

  get space(): string {
    return `netns:${this.name}`;
  }

  ip(...args: string[]): string {
    return run('ip', '-n', this.name, ...args);
  }

  tc(...args: string[]): string {
    return run('tc', '-n', this.name, ...args);
  }

  /** Runs a program inside. */
  exec(...command: string[]): string {
    return run('ip', 'netns', 'exec', this.name, ...command);
  }

  [Symbol.dispose](): void {
    run('ip', 'netns', 'del', this.name);
  }
}
