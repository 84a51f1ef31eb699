import { readFileSync } from 'node:fs';
import type { Caller } from '@netweir/api';

/** sshd(8): the client's address and port, the server's address and port. */
const SSH_CONNECTION = /^(?<client>\S+) \d+ (?<server>\S+) (?<port>\d+)$/u;

/**
 * Who works by SSH in this session, found by the environment of this process or of one above it: sudo and su
 * take the variable away.
 */
export function callersOf(
  environment: Readonly<Record<string, string | undefined>>,
  ancestors: Iterable<Readonly<Record<string, string | undefined>>> = environmentsAbove(),
): Caller[] {
  const own = callerIn(environment);
  if (own) return [own];
  for (const above of ancestors) {
    const found = callerIn(above);
    if (found) return [found];
  }
  return [];
}

function callerIn({
  SSH_CONNECTION: text = '',
}: Readonly<Record<string, string | undefined>>): Caller | undefined {
  const { client, server, port } = SSH_CONNECTION.exec(text)?.groups ?? {};
  if (client === undefined || server === undefined) return undefined;
  const plain = (address: string): string => address.replace(/%.*$/u, '');
  return { client: plain(client), server: plain(server), port: Number(port) };
}

function* environmentsAbove(): Generator<Record<string, string>> {
  for (let pid = process.ppid; pid > 1; ) {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      yield Object.fromEntries(variables.map((one) => one.split(/=(.*)/su).slice(0, 2)));
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      // Another user's, or gone: nobody above it can be asked either.
      return;
    }
  }
}
