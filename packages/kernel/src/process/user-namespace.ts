import { readFileSync } from 'node:fs';

/** user_namespaces(7), "User and group ID mappings": what only the initial one has, all ids as themselves. */
const ALL_IDS = /^\s*0\s+0\s+4294967295\s*$/u;

/**
 * Whether this process is in the initial user namespace, in which root may all: in another, it may not
 * load BPF programs, and its user 0 is somebody else outside.
 */
export function isInitialUserNamespace(): boolean {
  return ALL_IDS.test(readFileSync('/proc/self/uid_map', 'utf8'));
}
