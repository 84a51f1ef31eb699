/** What is wrong at the moment, by what it is about; each is reported once while it lasts. */
export class Notices {
  readonly #report: (message: string) => void;
  readonly #changed: () => void;
  readonly #messages = new Map<string, string>();

  /** `report` is called with what is wrong by now and was not, `changed` after that, and where something ends. */
  constructor(report: (message: string) => void, changed: () => void) {
    this.#report = report;
    this.#changed = changed;
  }

  list(): readonly string[] {
    return [...this.#messages.values()];
  }

  /** Undefined: nothing is wrong with it any more. */
  set(about: string, message: string | undefined): void {
    if (this.#messages.get(about) === message) return;
    if (message === undefined) {
      this.#messages.delete(about);
    } else {
      this.#messages.set(about, message);
      this.#report(message);
    }
    this.#changed();
  }

  /** These and no others are wrong now. */
  replace(messages: ReadonlyMap<string, string>): void {
    for (const about of [...this.#messages.keys()]) {
      if (!messages.has(about)) this.set(about, undefined);
    }
    for (const [about, message] of messages) this.set(about, message);
  }
}
