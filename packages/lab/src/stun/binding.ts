/** What a Binding transaction asks and answers (RFC 8489 section 3, RFC 5780). */
import type { SocketAddress } from '../code/sockets.ts';
import {
  BINDING_ERROR,
  BINDING_REQUEST,
  BINDING_SUCCESS,
  CHANGE_REQUEST,
  decodeAddress,
  ERROR_CODE,
  encodeAddress,
  MAPPED_ADDRESS,
  notUnderstood,
  OTHER_ADDRESS,
  RESPONSE_ORIGIN,
  type StunAttribute,
  type StunMessage,
  UNKNOWN_ATTRIBUTES,
  XOR_MAPPED_ADDRESS,
  xorAddress,
} from './message.ts';

/** From where an answer is wished, beside where the request went to. */
export interface Change {
  readonly address: boolean;
  readonly port: boolean;
}

const CHANGE_ADDRESS = 0x04;
const CHANGE_PORT = 0x02;
const UNKNOWN_ATTRIBUTE = 420;

export function bindingRequest(transactionId: Uint8Array, change?: Change): StunMessage {
  const attributes: StunAttribute[] = change
    ? [{ type: CHANGE_REQUEST, value: Uint8Array.of(0, 0, 0, flagsOf(change)) }]
    : [];
  return { type: BINDING_REQUEST, transactionId, attributes };
}

/** What a server says in its answers. */
export interface Server {
  /** Where an answer comes from, with the wished change. */
  origin(change: Change): SocketAddress;
  /** Its second address and second port, where it has them: only then it changes anything. */
  readonly other: SocketAddress | undefined;
}

export interface Answer {
  readonly message: StunMessage;
  /** What is to be changed of where the answer comes from. */
  readonly change: Change;
}

const NO_CHANGE: Change = { address: false, port: false };

/** What a server answers to a message from `client`; nothing to what is no Binding request. */
export function answerBinding(
  request: StunMessage,
  client: SocketAddress,
  server: Server,
): Answer | undefined {
  if (request.type !== BINDING_REQUEST) return undefined;
  const { transactionId } = request;
  const unknown = notUnderstood(request, server.other ? [CHANGE_REQUEST] : []);
  if (unknown.length > 0) {
    const attributes = refusal(unknown);
    return { message: { type: BINDING_ERROR, transactionId, attributes }, change: NO_CHANGE };
  }
  const change = changeOf(request);
  const mapped = encodeAddress(client);
  const attributes: StunAttribute[] = [
    { type: XOR_MAPPED_ADDRESS, value: xorAddress(mapped, transactionId) },
    { type: MAPPED_ADDRESS, value: mapped },
    { type: RESPONSE_ORIGIN, value: encodeAddress(server.origin(change)) },
  ];
  if (server.other) attributes.push({ type: OTHER_ADDRESS, value: encodeAddress(server.other) });
  return { message: { type: BINDING_SUCCESS, transactionId, attributes }, change };
}

/** The client's address in an answer; undefined where it is none, or says none. */
export function mappedAddress(answer: StunMessage): SocketAddress | undefined {
  if (answer.type !== BINDING_SUCCESS) return undefined;
  const xored = find(answer, XOR_MAPPED_ADDRESS);
  if (xored) return decodeAddress(xorAddress(xored, answer.transactionId));
  const plain = find(answer, MAPPED_ADDRESS);
  return plain && decodeAddress(plain);
}

function changeOf(request: StunMessage): Change {
  const flags = find(request, CHANGE_REQUEST)?.[3] ?? 0;
  return { address: (flags & CHANGE_ADDRESS) !== 0, port: (flags & CHANGE_PORT) !== 0 };
}

function flagsOf({ address, port }: Change): number {
  return (address ? CHANGE_ADDRESS : 0) | (port ? CHANGE_PORT : 0);
}

function refusal(unknown: readonly number[]): StunAttribute[] {
  const reason = new TextEncoder().encode('Unknown Attribute');
  const code = Uint8Array.of(0, 0, Math.trunc(UNKNOWN_ATTRIBUTE / 100), UNKNOWN_ATTRIBUTE % 100);
  const types = unknown.flatMap((type) => [type >> 8, type & 0xff]);
  return [
    { type: ERROR_CODE, value: Uint8Array.of(...code, ...reason) },
    { type: UNKNOWN_ATTRIBUTES, value: Uint8Array.from(types) },
  ];
}

function find({ attributes }: StunMessage, type: number): Uint8Array | undefined {
  return attributes.find((attribute) => attribute.type === type)?.value;
}
