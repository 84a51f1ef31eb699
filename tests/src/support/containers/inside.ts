import { run } from '../witness.ts';

interface IpAddressLine {
  readonly ifname: string;
  readonly address?: string;
  readonly addr_info: readonly { readonly local: string }[];
}

/** Runs a program of the machine in the network namespace of a process. */
function inside(pid: number, command: string, ...args: string[]): string {
  return run('nsenter', '-t', `${pid}`, '-n', command, ...args);
}

/** The interfaces there but lo, as ip tells them. */
export function interfacesInside(pid: number): readonly IpAddressLine[] {
  const lines = JSON.parse(inside(pid, 'ip', '-j', 'address')) as IpAddressLine[];
  return lines.filter(({ ifname }) => ifname !== 'lo');
}

/** All that netweir could leave behind there: qdiscs, filters and interfaces, as tc and ip tell them. */
export function stateInside(pid: number): string {
  const names = interfacesInside(pid).map(({ ifname }) => ifname);
  const filters = names.flatMap((name) =>
    ['ingress', 'egress'].map((hook) => `tc filter show dev ${name} ${hook} 2>&1 || true`),
  );
  const commands = ['tc qdisc show', 'ip -o link', ...filters];
  return inside(pid, 'sh', '-c', commands.join('; ')).replaceAll(/qlen \d+/gu, '');
}
