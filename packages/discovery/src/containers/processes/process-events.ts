import {
  ignoreProcessEvents,
  KernelError,
  openProcessEvents,
  type ProcessEvent,
  parseProcessEvents,
  type SocketReader,
} from '@netweir/kernel';

/** Who is told about processes. */
export interface ProcessEventSink {
  event(event: ProcessEvent): void;
  /** Events were lost, or will not come any more. */
  lost(isOver: boolean): void;
}

/** Has the kernel's events of processes told; undefined where it does not tell us. Returns what ends that. */
export function followProcesses(
  reader: SocketReader,
  sink: ProcessEventSink,
): (() => void) | undefined {
  let fd: number;
  try {
    fd = openProcessEvents();
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
  let isOpen = true;
  const handle = reader.add(fd, {
    message(bytes) {
      for (const event of parseProcessEvents(bytes)) sink.event(event);
    },
    overrun: () => sink.lost(false),
    closed() {
      isOpen = false;
      sink.lost(true);
    },
  });
  return () => {
    if (isOpen) ignoreProcessEvents(fd);
    reader.remove(handle);
  };
}
