import { NetweirError } from '@netweir/api';
import type { Context } from '../context.ts';
import { follow } from '../follow.ts';
import { catchInterrupts } from '../interruption.ts';
import { printJson } from '../output/json.ts';
import { Screen } from '../output/screen.ts';
import { isEmpty, parseChoice } from '../selection.ts';
import type { SelectionFlags } from '../selection-options.ts';

interface WatchFlags extends SelectionFlags {
  readonly stopped?: true;
}

/** `netweir ls --watch [TARGET...]`, until an interrupt, which is its regular end. */
export async function watch(
  context: Context,
  targets: readonly string[],
  flags: WatchFlags,
): Promise<number> {
  const { terminal, json } = context;
  const choice = parseChoice(targets, flags);
  if (json && !isEmpty(choice)) {
    throw new NetweirError(
      'invalid-combination',
      '--watch --json takes no targets and no selectors',
      {
        remedy: 'It gives the events of everything: pick from them.',
      },
    );
  }
  if (flags.stopped) {
    throw new NetweirError('invalid-combination', '--stopped and --watch exclude each other', {
      remedy: 'Events have stopped containers where show_stopped_containers is on in config.json5.',
    });
  }
  await using connection = await context.connect();
  using interruption = catchInterrupts(terminal);
  using screen = new Screen(terminal, choice);
  await follow(
    connection.netweir,
    (message) => (json ? printJson(terminal, message) : screen.take(message)),
    interruption.signal,
  );
  return 0;
}
