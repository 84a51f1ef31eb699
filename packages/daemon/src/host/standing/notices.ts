/** What is wrong at the moment, by what it is about; each is reported once while it lasts. */
export class Notices {
  readonly #report: (message: string) => void;
  readonly #messages = new Map<string, string>();

  constructor(report: (message: string) => void) {
    this.#report = report;
  }

  list(): readonly string[] {
    return [...this.#messages.values()];
  }

  /** Undefined: nothing is wrong with it any more. */
  set(about: string, message: string | undefined): void {
    if (this.#messages.get(about) === message) return;
    if (message === undefined) {
      this.#messages.delete(about);
      return;
    }
    this.#messages.set(about, message);
    this.#report(message);
  }

  /** These and no others are wrong now. */
  replace(messages: ReadonlyMap<string, string>): void {
    for (const about of [...this.#messages.keys()]) {
      if (!messages.has(about)) this.#messages.delete(about);
    }
    for (const [about, message] of messages) this.set(about, message);
  }
}
