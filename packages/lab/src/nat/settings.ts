import {
  formatDuration,
  Nat,
  type NatConfig,
  type NatFiltering,
  type NatMapping,
  type NatName,
  type NatPorts,
  parseDuration,
  validate,
} from '@netweir/api';
import { LabError } from '../errors.ts';

/** Translation of IPv4 with nothing left open. */
export interface ExactNatConfig {
  /** The name by which it was asked for. */
  readonly name?: Exclude<NatName, 'none'>;
  readonly mapping: NatMapping;
  readonly filtering: NatFiltering;
  readonly ports: NatPorts;
  readonly hairpin: boolean;
  /** Whole seconds, as `30s`. */
  readonly timeouts: {
    readonly udp: string;
    readonly udpStream: string;
    readonly tcpEstablished: string;
  };
}

/** What a router does to IPv4. */
export type ExactNat = { readonly name: 'none' } | ExactNatConfig;

/** A second in nanoseconds: conntrack counts no smaller time. */
const SECOND_NS = 1_000_000_000;

const HOME: NatConfig = {};
const FULL_CONE: NatConfig = { filtering: 'endpoint-independent', hairpin: true };

/**
 * What the names mean. `corporate` and `cloud-nat` are symmetric (RFC 3489), with the idle times of
 * enterprise firewalls and of a public cloud's gateway. `cgnat` is as RFC 6888 wants it: a client has one
 * port for all destinations, and its own where that is free. `open`, `moderate` and `strict` are the
 * words of game consoles for full cone, port-restricted cone and symmetric.
 */
const NAMED: Readonly<Record<Exclude<NatName, 'none'>, NatConfig>> = {
  home: HOME,
  'full-cone': FULL_CONE,
  'address-restricted': { filtering: 'address-dependent' },
  corporate: symmetric('120s'),
  'cloud-nat': symmetric('350s'),
  cgnat: HOME,
  open: FULL_CONE,
  moderate: HOME,
  strict: { mapping: 'endpoint-dependent' },
};

/**
 * Settles everything that a name or a configuration leaves open.
 * @throws NetweirError `invalid-request` for what is neither
 * @throws {LabError} ERR_LAB_NAT_TIMEOUT where a timeout is not a whole number of seconds
 */
export function exactNat(wanted: Nat): ExactNat {
  const nat = validate(Nat, wanted, 'the NAT');
  if (nat === 'none') return { name: 'none' };
  if (typeof nat === 'string') return { name: nat, ...exactConfig(NAMED[nat]) };
  return exactConfig(nat);
}

/** Whether it translates at all. */
export function translates(nat: ExactNat): nat is ExactNatConfig {
  return nat.name !== 'none';
}

function exactConfig(config: NatConfig): ExactNatConfig {
  const { mapping = 'endpoint-independent', timeouts = {} } = config;
  const { filtering = 'address-and-port-dependent', hairpin = false } = config;
  const { ports = mapping === 'endpoint-independent' ? 'preserving' : 'random' } = config;
  const { udp = '30s', udpStream = '300s', tcpEstablished = '7200s' } = timeouts;
  return {
    mapping,
    filtering,
    ports,
    hairpin,
    timeouts: {
      udp: wholeSeconds('udp', udp),
      udpStream: wholeSeconds('udpStream', udpStream),
      tcpEstablished: wholeSeconds('tcpEstablished', tcpEstablished),
    },
  };
}

function symmetric(udpStream: string): NatConfig {
  return {
    mapping: 'endpoint-dependent',
    timeouts: { udp: '30s', udpStream, tcpEstablished: '3600s' },
  };
}

function wholeSeconds(name: string, text: string): string {
  const duration = parseDuration(text);
  if (duration >= SECOND_NS && duration % SECOND_NS === 0) return formatDuration(duration);
  throw new LabError(
    'ERR_LAB_NAT_TIMEOUT',
    `the timeout ${name} of a NAT is at least 1s and a whole number of seconds, got ${text}`,
    'round it: the kernel tracks connections by the second',
  );
}
