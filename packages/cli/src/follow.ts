import { type EventMessage, type Netweir, NetweirError } from '@netweir/api';
import { aborted } from './interruption.ts';

/** Resolves with the signal; rejects where the events end or cannot be shown. */
export async function follow(
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
