import {
  applyChange,
  type EventMessage,
  type Inventory,
  isNetweirError,
  type Target,
} from '@netweir/api';
import { narrow, selectAll } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { ThroughputMeter } from '../throughput.ts';
import { renderInventory } from './inventory.ts';

/** Changes come in bursts, and a person reads no faster than this. */
const REDRAW_EVERY_MS = 250;
const CLEAR = '\u001b[H\u001b[2J';

/** The inventory on a terminal, drawn anew as events change it. */
export class Screen implements Disposable {
  readonly #terminal: Terminal;
  readonly #targets: readonly Target[];
  readonly #meter = new ThroughputMeter();
  #inventory: Inventory | undefined;
  #redraw: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, targets: readonly Target[]) {
    this.#terminal = terminal;
    this.#targets = targets;
  }

  /** @throws NetweirError where the first snapshot has nothing that the targets mean */
  take(message: EventMessage): void {
    if (message.type === 'snapshot') {
      if (this.#inventory === undefined) selectAll(message.inventory, this.#targets);
      this.#inventory = message.inventory;
    } else {
      for (const change of message.changes) {
        if (this.#inventory) this.#inventory = applyChange(this.#inventory, change);
      }
    }
    this.#redraw ??= setTimeout(() => this.#draw(), REDRAW_EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#redraw);
  }

  #draw(): void {
    this.#redraw = undefined;
    if (!this.#inventory) return;
    this.#meter.update(this.#inventory);
    const rows = this.#terminal.size()?.rows;
    const shown =
      this.#targets.length === 0 ? this.#inventory : narrowed(this.#inventory, this.#targets);
    const text = renderInventory(
      rows === undefined ? shown : firstOf(shown, rows),
      this.#terminal,
      (space, one) => this.#meter.of(space, one),
    );
    this.#terminal.out(rows === undefined ? `${text}\n` : CLEAR + cut(text, rows - 1));
  }
}

/** As many interfaces as may be seen: thousands would be laid out in vain four times a second. */
function firstOf(inventory: Inventory, count: number): Inventory {
  let left = count;
  const spaces = inventory.spaces.flatMap((space) => {
    if (left <= 0) return [];
    const interfaces = space.interfaces.slice(0, left);
    // The name of a space takes a line, too.
    left -= interfaces.length + 1;
    return [{ ...space, interfaces }];
  });
  return { ...inventory, spaces };
}

/** What was there may go away while it is watched: that is no error. */
function narrowed(inventory: Inventory, targets: readonly Target[]): Inventory {
  return narrow(
    inventory,
    targets.flatMap((target) => {
      try {
        return selectAll(inventory, [target]);
      } catch (error) {
        if (isNetweirError(error)) return [];
        throw error;
      }
    }),
  );
}

function cut(text: string, rows: number): string {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= rows) return text;
  return `${lines.slice(0, rows - 1).join('\n')}\n… and more: name a target\n`;
}
