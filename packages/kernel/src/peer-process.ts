import { check } from './errors.ts';
import * as libc from './libc.ts';
import { SOCK_CLOEXEC } from './netlink/socket-options.ts';

// bits/socket.h, asm-generic/socket.h
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** sizeof(struct ucred): pid, uid and gid. */
const UCRED_LENGTH = 12;

/**
 * The process that listens on a Unix socket, by its number as this process sees it (unix(7), SO_PEERCRED);
 * 0 where it is in a process-id namespace that cannot be seen from here.
 * @throws {KernelError} ENOENT or ECONNREFUSED where nobody listens, EACCES
 */
export function processListeningAt(path: string): number {
  const fd = check(libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), 'open socket', path);
  try {
    check(libc.connect(fd, unixAddress(path)), 'connect', path);
    const credentials = new Uint8Array(UCRED_LENGTH);
    check(libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials), 'read peer', path);
    return new DataView(credentials.buffer).getInt32(0, true);
  } finally {
    libc.close(fd);
  }
}

/** `struct sockaddr_un` (linux/un.h). */
function unixAddress(path: string): Uint8Array {
  return Buffer.concat([new Uint8Array(Uint16Array.of(AF_UNIX).buffer), Buffer.from(`${path}\0`)]);
}
