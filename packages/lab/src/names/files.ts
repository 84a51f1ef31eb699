import { readFileSync } from 'node:fs';

/** The files by which programs look names up (hosts(5), resolv.conf(5), nsswitch.conf(5)). */
export const HOSTS_FILE = '/etc/hosts';
export const RESOLVER_FILE = '/etc/resolv.conf';
const SWITCH_FILE = '/etc/nsswitch.conf';

const LOCAL: readonly (readonly [string, string])[] = [
  ['127.0.0.1', 'localhost'],
  ['::1', 'localhost'],
];

export function hostsText(entries: Iterable<readonly [address: string, name: string]>): string {
  const lines = [...LOCAL, ...entries].map(([address, name]) => `${address}\t${name}\n`);
  return `# The names of a lab of netweir\n${lines.join('')}`;
}

export function resolverText(nameservers: readonly string[]): string {
  return nameservers.map((address) => `nameserver ${address}\n`).join('');
}

/** That of this machine, but hosts are looked up in the two files above, and not by a service of it. */
export function switchFile(): Readonly<Record<string, string>> {
  try {
    const text = readFileSync(SWITCH_FILE, 'utf8');
    return { [SWITCH_FILE]: text.replace(/^(\s*hosts:).*$/m, '$1 files dns') };
  } catch {
    return {};
  }
}
