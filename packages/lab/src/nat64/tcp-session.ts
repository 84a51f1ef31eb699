/** Where a TCP connection through the translator is (RFC 6146 section 3.5.2.2). */
export type TcpState =
  | 'v6-init'
  | 'v4-init'
  | 'established'
  | 'v6-fin'
  | 'v4-fin'
  | 'closed'
  | 'transitory';

/** From which side a packet comes. */
export type Side = 'v6' | 'v4';

const FIN = 0x01;
export const SYN = 0x02;
const RST = 0x04;

/** RFC 6146 section 4: TCP_TRANS and TCP_EST, in milliseconds. */
const TCP_TRANS_MS = 240_000;
const TCP_EST_MS = 7_440_000;

/** What a packet makes of a connection. */
export interface TcpChange {
  readonly state: TcpState;
  /** How long the session lives from now on; undefined leaves its end where it is. */
  readonly lifetimeMs: number | undefined;
}

/** What the first packet makes. */
export function firstTcp(side: Side, flags: number): TcpChange {
  const init = side === 'v6' ? 'v6-init' : 'v4-init';
  return { state: flags & SYN ? init : 'transitory', lifetimeMs: TCP_TRANS_MS };
}

/** What a further packet makes. */
export function nextTcp(state: TcpState, side: Side, flags: number): TcpChange {
  if (state === 'v6-init' || state === 'v4-init') return opening(state, side, flags);
  if (state === 'closed') return { state, lifetimeMs: undefined };
  if (state === 'transitory') {
    if (flags & RST) return { state, lifetimeMs: undefined };
    return { state: 'established', lifetimeMs: TCP_EST_MS };
  }
  if (flags & RST && state === 'established') {
    return { state: 'transitory', lifetimeMs: TCP_TRANS_MS };
  }
  if (flags & FIN) return finishing(state, side);
  return { state, lifetimeMs: TCP_EST_MS };
}

function opening(state: 'v6-init' | 'v4-init', side: Side, flags: number): TcpChange {
  if (!(flags & SYN)) return { state, lifetimeMs: undefined };
  const fromOther = state === 'v6-init' ? side === 'v4' : side === 'v6';
  if (fromOther) return { state: 'established', lifetimeMs: TCP_EST_MS };
  return { state, lifetimeMs: TCP_TRANS_MS };
}

function finishing(state: TcpState, side: Side): TcpChange {
  const fin = side === 'v6' ? 'v6-fin' : 'v4-fin';
  if (state === 'established' || state === fin) return { state: fin, lifetimeMs: TCP_EST_MS };
  return { state: 'closed', lifetimeMs: TCP_TRANS_MS };
}
