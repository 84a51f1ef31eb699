import { type EventMessage, type Netweir, NetweirError } from '@netweir/api';
import type { Context } from '../context.ts';
import { aborted, catchInterrupts } from '../interruption.ts';
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

/** Resolves with the signal; rejects where the events end or cannot be shown. */
async function follow(
  netweir: Netweir,
  show: (message: EventMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  let stop: (() => void) | undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    const fail = (error?: Error): void => reject(error ?? ended());
    const onMessage = (message: EventMessage): void => {
      try {
        show(message);
      } catch (error) {
        reject(error);
      }
    };
    netweir.watch(onMessage, fail).then((close) => {
      stop = close;
    }, fail);
  });
  try {
    await Promise.race([failed, aborted(signal)]);
  } finally {
    stop?.();
  }
}

function ended(): NetweirError {
  return new NetweirError('daemon-unreachable', 'the daemon has ended', {
    remedy: 'Start it again with `netweir up`.',
  });
}
