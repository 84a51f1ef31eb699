import { isIPv6 } from 'node:net';
import type { NetworkNamespace } from '@netweir/kernel';
import type { Activities } from '../code/activities.ts';
import { openUdp, type SocketAddress } from '../code/sockets.ts';
import { StunClient } from '../stun/client.ts';

/** How a node asks how it is seen. */
export interface ProbeOptions {
  /** One that is free by default. */
  readonly localPort?: number;
  /** 3,000 by default. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 3000;

/** @throws {LabError} ERR_LAB_NO_ANSWER */
export async function probe(
  namespace: NetworkNamespace,
  activities: Activities,
  server: SocketAddress,
  { localPort = 0, timeoutMs = TIMEOUT_MS }: ProbeOptions,
): Promise<SocketAddress> {
  const any = isIPv6(server.address) ? '::' : '0.0.0.0';
  const own = activities.part();
  try {
    const socket = await openUdp(namespace, own, { address: any, port: localPort });
    return await new StunClient(socket).mapped(server, timeoutMs);
  } finally {
    await own.stop();
  }
}
