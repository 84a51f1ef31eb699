import { NetweirError, TrafficMatch, validate } from '@netweir/api';
import type { TrafficFlags } from './traffic-options.ts';

/** `192.0.2.7:443`, `api.example:443` or `[2001:db8::7]:443`. */
const WITH_PORT = /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^:\s]+)):(?<port>[\d-]+)$/u;

/**
 * The match that flags ask for; undefined where they name no part of the traffic.
 *
 * @throws NetweirError `invalid-request`, `invalid-quantity`
 */
export function matchOf(flags: TrafficFlags): TrafficMatch | undefined {
  const { remote, ports } = endsOf(flags);
  const match = {
    ...(remote && { remote }),
    ...(flags.local !== undefined && { local: listOf(flags.local) }),
    ...(ports && { remotePorts: ports }),
    ...(flags.localPort !== undefined && { localPorts: listOf(flags.localPort) }),
    ...(flags.protocol !== undefined && { protocol: protocolOf(flags.protocol) }),
    ...(flags.dscp !== undefined && { dscp: integerOf('--dscp', flags.dscp) }),
    ...(flags.ip !== undefined && { family: integerOf('--ip', flags.ip) }),
  };
  if (Object.keys(match).length === 0) return undefined;
  return validate(TrafficMatch, match, 'what the rule matches');
}

function endsOf({ to, port }: TrafficFlags): { remote?: string[]; ports?: string[] } {
  const ends = to === undefined ? [] : listOf(to);
  const found = ends.map((end) => WITH_PORT.exec(end)?.groups);
  const ported = found.filter((groups) => groups !== undefined);
  if (ported.length > 0 && (ends.length > 1 || port !== undefined)) {
    throw new NetweirError(
      'invalid-request',
      'a port behind an address is for one address, and without --port',
      { remedy: 'Write --to ADDRESS,ADDRESS --port PORT, or a rule for each.' },
    );
  }
  const remote = ends.map((end, index) => found[index]?.bracketed ?? found[index]?.plain ?? end);
  const ports = ported.flatMap(({ port: one }) => one ?? []);
  return {
    ...(remote.length > 0 && { remote }),
    ...(ports.length > 0 && { ports }),
    ...(port !== undefined && { ports: listOf(port) }),
  };
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function protocolOf(text: string): string | number {
  return /^\d+$/u.test(text) ? Number(text) : text.toLowerCase();
}

function integerOf(flag: string, text: string): number {
  if (/^\d+$/u.test(text.trim())) return Number(text);
  throw new NetweirError('invalid-quantity', `${flag} "${text}" is not a whole number`, {
    remedy: 'Write digits only.',
  });
}
