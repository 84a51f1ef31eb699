import { type EventMessage, type Netweir, NetweirError } from '@netweir/api';
import type { Context } from '../context.ts';
import { aborted, catchInterrupts } from '../interruption.ts';
import { printJson } from '../output/json.ts';
import { Screen } from '../output/screen.ts';
import { parseTargets } from '../selection.ts';

/** `netweir ls --watch [TARGET...]`, until an interrupt, which is its regular end. */
export async function watch(context: Context, targets: readonly string[]): Promise<number> {
  const { terminal, json } = context;
  const parsed = parseTargets(targets);
  if (json && parsed.length > 0) {
    throw new NetweirError('invalid-combination', '--watch --json takes no targets', {
      remedy: 'It gives the events of everything: pick from them.',
    });
  }
  await using connection = await context.connect();
  using interruption = catchInterrupts(terminal);
  using screen = new Screen(terminal, parsed);
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
