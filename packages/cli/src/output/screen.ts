import {
  applyChange,
  type EventMessage,
  type Inventory,
  isNetweirError,
  type Selected,
  selectTargets,
} from '@netweir/api';
import { type Choice, isEmpty, narrow } from '../selection.ts';
import type { Terminal } from '../terminal.ts';
import { ThroughputMeter } from '../throughput.ts';
import { spaceNotes } from './container.ts';
import { inOrder, renderInventory } from './inventory.ts';
import { runtimeLines, stoppedTable } from './runtimes.ts';

/** Changes come in bursts, and a person reads no faster than this. */
const REDRAW_EVERY_MS = 250;
const CLEAR = '\u001b[H\u001b[2J';

/** The inventory on a terminal, drawn anew as events change it. */
export class Screen implements Disposable {
  readonly #terminal: Terminal;
  readonly #choice: Choice;
  readonly #meter = new ThroughputMeter();
  #inventory: Inventory | undefined;
  #redraw: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, choice: Choice) {
    this.#terminal = terminal;
    this.#choice = choice;
  }

  /** @throws NetweirError where the first snapshot has nothing of what is selected */
  take(message: EventMessage): void {
    if (message.type === 'snapshot') {
      if (this.#inventory === undefined && !isEmpty(this.#choice)) {
        selectTargets(message.inventory, this.#choice.targets, this.#choice.match);
      }
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
    const { columns, rows } = this.#terminal.size() ?? {};
    const shown = inOrder(
      isEmpty(this.#choice) ? this.#inventory : narrowed(this.#inventory, this.#choice),
    );
    const table = renderInventory(
      rows === undefined ? shown : firstOf(shown, rows),
      this.#terminal,
      (space, one) => this.#meter.of(space, one),
    );
    const problems = runtimeLines(shown).map((line) => `${[...line].slice(0, columns).join('')}\n`);
    const text = [...problems, table, stoppedTable(shown, this.#terminal)].join('');
    this.#terminal.out(rows === undefined ? `${text}\n` : CLEAR + cut(text, rows - 1));
  }
}

/** As many interfaces as may be seen: thousands would be laid out in vain four times a second. */
function firstOf(inventory: Inventory, count: number): Inventory {
  let left = count;
  const spaces = inventory.spaces.flatMap((space) => {
    if (left <= 0) return [];
    const interfaces = space.interfaces.slice(0, left);
    // The name of a space takes a line, too, and so does each thing that is said of it.
    left -= interfaces.length + 1 + spaceNotes(space).length;
    return [{ ...space, interfaces }];
  });
  return { ...inventory, spaces };
}

/** What was there may go away while it is watched: that is no error. */
function narrowed(inventory: Inventory, { targets, match }: Choice): Inventory {
  const select = (part: Choice['targets']): readonly Selected[] => {
    try {
      return selectTargets(inventory, part, match);
    } catch (error) {
      if (isNetweirError(error)) return [];
      throw error;
    }
  };
  const parts = targets.length === 0 ? [[]] : targets.map((target) => [target]);
  const selected = parts.flatMap((part) => select(part));
  return narrow(inventory, selected, match);
}

function cut(text: string, rows: number): string {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= rows) return text;
  return `${lines.slice(0, rows - 1).join('\n')}\n… and more: name a target\n`;
}
