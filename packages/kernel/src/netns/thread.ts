import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { check, checkFile } from '../errors.ts';
import * as libc from '../libc.ts';

export const CLONE_NEWNET = 0x40000000;

/** A network namespace as this thread can enter it: an open descriptor and what identifies it. */
export interface Place {
  readonly fd: number;
  /** Device and inode; unique among the namespaces that exist at one time. */
  readonly key: string;
}

const THREAD_NAMESPACE = '/proc/thread-self/ns/net';

/** Where this thread is; undefined until it first asks, and then kept open for the way back. */
let here: Place | undefined;

/** Opens the namespace that this thread is in; the caller closes the descriptor. */
export function openThreadNamespace(): number {
  return checkFile('open network namespace', THREAD_NAMESPACE, () =>
    openSync(THREAD_NAMESPACE, 'r'),
  );
}

export function placeOf(fd: number): Place {
  const { dev, ino } = fstatSync(fd);
  return { fd, key: `${dev}:${ino}` };
}

/** Runs `action` with this thread in `place`, and brings the thread back whatever happens. */
export function runIn<T>(place: Place, action: () => T): T {
  const origin = currentPlace();
  if (origin.key === place.key) return action();
  check(libc.setns(place.fd, CLONE_NEWNET), 'enter network namespace', place.key);
  here = place;
  try {
    return action();
  } finally {
    goBack(origin);
  }
}

/** Runs `action` with this thread in a new namespace, given a descriptor that is closed afterwards. */
export function runInNew<T>(action: (fd: number) => T): T {
  const origin = currentPlace();
  check(libc.unshare(CLONE_NEWNET), 'create network namespace', 'this thread');
  let fd = -1;
  try {
    fd = openThreadNamespace();
    here = placeOf(fd);
    return action(fd);
  } finally {
    goBack(origin);
    if (fd >= 0) closeSync(fd);
  }
}

function currentPlace(): Place {
  here ??= placeOf(openThreadNamespace());
  return here;
}

/** A thread that cannot get back would run everything else in the wrong namespace: better no process. */
function goBack(origin: Place): void {
  const result = libc.setns(origin.fd, CLONE_NEWNET);
  if (result < 0) {
    writeSync(2, `cannot return to network namespace ${origin.key}: ${libc.strerror(-result)}\n`);
    libc.abort();
  }
  here = origin;
}
