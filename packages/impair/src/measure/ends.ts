import {
  type DatagramSocket,
  KernelError,
  type NetworkNamespace,
  openDatagramSocket,
} from '@netweir/kernel';
import { encodeProbe, HELLO } from './probe-packet.ts';

/** Where packets start. */
export interface NearEnd {
  readonly namespace: NetworkNamespace;
  /** The address that they start with. */
  readonly address: string;
  /** The only interface by which they leave. */
  readonly interface?: string | undefined;
}

/** Where they are to arrive: in a space, or at a host that is not ours. */
export interface FarEnd {
  readonly namespace?: NetworkNamespace | undefined;
  readonly address: string;
  /** Where it takes TCP connections, if it is not ours. */
  readonly port?: number | undefined;
}

/** Both ends of a UDP exchange, connected with each other. */
export interface SocketPair extends Disposable {
  readonly near: DatagramSocket;
  readonly far: DatagramSocket;
  /** The near end as the far end sees it, which a NAT may have changed. */
  readonly seen: { readonly address: string; readonly port: number };
}

export interface PairOptions {
  /** How long it may take until each end has heard of the other; after that they do without. */
  readonly timeoutMs: number;
  readonly bufferBytes?: number;
  readonly noChecksum?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const HELLO_EVERY_MS = 20;
const LOOK_EVERY_MS = 2;

/**
 * Opens two UDP sockets, has the far one find out where the near one's packets come from, through whatever
 * translates addresses on the way, and lets each hear of the other.
 *
 * @throws {KernelError} EADDRNOTAVAIL, ENETUNREACH, ENODEV
 */
export async function openPair(
  from: NearEnd,
  to: FarEnd & { readonly namespace: NetworkNamespace },
  { timeoutMs, signal, ...rest }: PairOptions,
): Promise<SocketPair> {
  const any = from.address.includes(':') ? '::' : '0.0.0.0';
  const near = openDatagramSocket(from.namespace, {
    ...rest,
    address: any,
    interface: from.interface,
  });
  let far: DatagramSocket | undefined;
  try {
    far = openDatagramSocket(to.namespace, { ...rest, address: to.address });
    near.connect(to.address, far.port);
    const found = await hearOf(near, far, timeoutMs, signal);
    const seen = found ?? { address: from.address, port: near.port };
    far.connect(seen.address, seen.port);
    // Neighbours are asked for first, and their answers can be lost as well: that is no loss of probes.
    if (found) await hearOf(far, near, timeoutMs, signal);
    const open = far;
    const close = (): void => {
      near.close();
      open.close();
    };
    return { near, far, seen, [Symbol.dispose]: close };
  } catch (error) {
    near.close();
    far?.close();
    throw error;
  }
}

/** Who one end is to the other, to which it says hello; undefined where nothing comes in time. */
async function hearOf(
  caller: DatagramSocket,
  listener: DatagramSocket,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly address: string; readonly port: number } | undefined> {
  const hello = encodeProbe(0, HELLO, 32);
  const end = performance.now() + timeoutMs;
  for (let helloAt = 0; performance.now() < end; ) {
    signal?.throwIfAborted();
    if (performance.now() >= helloAt) {
      sendHello(caller, hello);
      helloAt = performance.now() + HELLO_EVERY_MS;
    }
    const sender = listener.sender();
    if (sender) return sender;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return undefined;
}

/** What a link that is down or a full queue refuses is tried again. */
function sendHello(caller: DatagramSocket, hello: Uint8Array): void {
  try {
    caller.send(hello);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}
