import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { SocketAddress } from '../code/sockets.ts';
import { answerBinding, type Change } from '../stun/binding.ts';
import { decodeStun, encodeStun } from '../stun/message.ts';
import { formatSocketAddress } from './format.ts';

/** Where a reflector answers datagrams. */
export type UdpPlace = SocketAddress & { readonly udp: UdpSocket };

/** The places that a reflector has, one for each of two addresses and two ports. */
export interface Places {
  /** What differs from `from` in what is to be changed. */
  changed(from: SocketAddress, change: Change): UdpPlace;
}

/** Answers every datagram at a place; from another one where STUN asks for it and there is another. */
export function answerUdp(place: UdpPlace, places: Places | undefined): void {
  const other = places?.changed(place, { address: true, port: true });
  const origin = (change: Change): UdpPlace => places?.changed(place, change) ?? place;
  place.udp.on('message', (datagram, client) => {
    const request = decodeStun(datagram);
    if (!request) {
      place.udp.send(observed(client), client.port, client.address);
      return;
    }
    const answer = answerBinding(request, client, { origin, other });
    if (!answer) return;
    const { udp } = origin(answer.change);
    udp.send(encodeStun(answer.message), client.port, client.address);
  });
  // Such as ENETUNREACH for a client that has gone; who asks again is answered again.
  place.udp.on('error', () => {});
}

/** Tells a client that connects by TCP how it is seen, and sends back what it sends. */
export function answerTcp(socket: Socket): void {
  const { remoteAddress: address, remotePort: port } = socket;
  // One who goes at once has no address any more, and one who breaks off is done.
  socket.on('error', () => socket.destroy());
  if (address === undefined || port === undefined) return;
  socket.write(`${observed({ address, port })}\n`);
  socket.pipe(socket);
}

function observed(client: SocketAddress): string {
  return `OBSERVED ${formatSocketAddress(client)}`;
}
