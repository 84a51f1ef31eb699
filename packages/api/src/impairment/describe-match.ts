import type { TrafficMatch } from './traffic.ts';

/** A match in a line, in the words of the command: `to 192.0.2.0/24 port 443 tcp`. */
export function describeMatch(match: TrafficMatch): string {
  const { remote, local, remotePorts, localPorts, protocol, dscp, family } = match;
  return [
    remote && `to ${remote.join(', ')}`,
    remotePorts && `port ${remotePorts.join(', ')}`,
    local && `local ${local.join(', ')}`,
    localPorts && `local port ${localPorts.join(', ')}`,
    protocol !== undefined && (typeof protocol === 'number' ? `protocol ${protocol}` : protocol),
    dscp !== undefined && `dscp ${dscp}`,
    family !== undefined && `IPv${family}`,
  ]
    .filter(Boolean)
    .join(' ');
}
