import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { LabNode } from '../node/lab-node.ts';

/** A UDP socket of a node that answers everything with whom it is from. */
export async function reflector(node: LabNode, port = 0): Promise<UdpEnd> {
  const end = await udpEnd(node, '0.0.0.0', port);
  end.socket.on('message', (_, { address, port: from }) =>
    end.socket.send(`${address}:${from}`, from, address),
  );
  return end;
}

/** A UDP socket of a node, with what came in so far. */
export interface UdpEnd {
  readonly socket: Socket;
  readonly port: number;
  /** Sends and gives what comes back from there within the time; undefined where nothing does. */
  ask(address: string, port: number, limitMs?: number): Promise<string | undefined>;
  /** The next datagram, as `text from address:port`, unless the time is over. */
  next(limitMs?: number): Promise<string | undefined>;
}

export async function udpEnd(node: LabNode, address = '0.0.0.0', port = 0): Promise<UdpEnd> {
  const socket = await node.udp({ address, port });
  const next = async (limitMs = 2000) => {
    const signal = AbortSignal.timeout(limitMs);
    const [data, from] = await once(socket, 'message', { signal }).catch(() => []);
    return data && `${data} from ${from.address}:${from.port}`;
  };
  const ask = async (to: string, toPort: number, limitMs?: number) => {
    const answer = next(limitMs);
    socket.send('who am I', toPort, to);
    return (await answer)?.split(' ')[0];
  };
  return { socket, port: socket.address().port, ask, next };
}
