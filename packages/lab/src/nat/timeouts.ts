import { parseDuration } from '@netweir/api';
import type { NetworkNamespace } from '@netweir/kernel';
import { writeSysctl } from '../stack/sysctl.ts';
import type { ExactNatConfig } from './settings.ts';

/** Idle times in milliseconds. */
export interface NatTimeouts {
  readonly udpMs: number;
  readonly udpStreamMs: number;
  readonly tcpEstablishedMs: number;
}

/** A TCP connection that does not stand yet, or is closing: nf_conntrack_tcp_timeout_syn_sent, _time_wait. */
export const TCP_TRANSITORY_MS = 120_000;

/** nf_conntrack's own (Documentation/networking/nf_conntrack-sysctl.rst). */
export const KERNEL_TIMEOUTS: NatTimeouts = {
  udpMs: 30_000,
  udpStreamMs: 120_000,
  tcpEstablishedMs: 432_000_000,
};

export function timeoutsOf({ timeouts }: ExactNatConfig): NatTimeouts {
  const ms = (text: string) => parseDuration(text) / 1_000_000;
  return {
    udpMs: ms(timeouts.udp),
    udpStreamMs: ms(timeouts.udpStream),
    tcpEstablishedMs: ms(timeouts.tcpEstablished),
  };
}

/** Sets the idle times of all connections of a namespace that has conntrack. @throws {KernelError} */
export function setConntrackTimeouts(namespace: NetworkNamespace, timeouts: NatTimeouts): void {
  const seconds = {
    udp_timeout: timeouts.udpMs / 1000,
    udp_timeout_stream: timeouts.udpStreamMs / 1000,
    tcp_timeout_established: timeouts.tcpEstablishedMs / 1000,
  };
  namespace.run(() => {
    for (const [name, value] of Object.entries(seconds)) {
      writeSysctl(`netfilter/nf_conntrack_${name}`, value);
    }
  });
}
