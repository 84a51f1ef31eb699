/** The flags that say which part of the traffic is meant, as they were written. */
export interface TrafficFlags {
  readonly to?: string;
  readonly local?: string;
  readonly port?: string;
  readonly localPort?: string;
  readonly protocol?: string;
  readonly dscp?: string;
  readonly ip?: string;
}

/** The same as the help shows them. */
export const TRAFFIC_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  [
    '--to <ends>',
    'only traffic with these other ends, whom it is sent to or received from: addresses, networks, host names, with commas between; one may have a port, as 192.0.2.7:443 or [2001:db8::7]:443',
  ],
  ['--port <ports>', "only with these ports of the other end's, such as 443 or 8000-8010,53"],
  ['--local <addresses>', 'only with these addresses or networks at this end'],
  ['--local-port <ports>', 'only with these ports of this end'],
  ['--protocol <name>', 'only tcp, udp, icmp, sctp, or a number'],
  ['--dscp <number>', 'only with this code point, 0 to 63'],
  ['--ip <version>', 'only IPv4 (4) or IPv6 (6)'],
];
