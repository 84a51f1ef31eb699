import { EBADMSG } from '../errno.ts';
import type { KernelError } from '../errors.ts';
import { sendBuffer } from './buffers.ts';
import type { Channel } from './channel.ts';
import { NLMSG_ERROR, NLMSG_HEADER_LENGTH, readError } from './message.ts';
import { failure, refusal } from './refusal.ts';
import { NLM_F_ACK, type Request } from './request.ts';
import { align4 } from './writer.ts';

/** Answers wait in the socket's queue until the whole send has run, so that it has to be bounded. */
const CHUNK_MESSAGES = 200;

/** Room for the errors of a whole chunk; each is charged one to two kilobytes. */
export const CHUNK_RECEIVE_LIMIT = 0x100000;

/** Requests with their errors, at the same index. */
type Errors = (KernelError | undefined)[];

/** Carries out all requests in order, with sends of `sendLimit` bytes at most. */
export function runBatch(
  channel: Channel,
  requests: readonly Request[],
  sendLimit: number,
): Errors {
  const errors: Errors = [];
  while (errors.length < requests.length) {
    const chunk = requests.slice(errors.length, chunkEnd(requests, errors.length, sendLimit));
    errors.push(...runChunk(channel, chunk));
  }
  return errors;
}

/** The bytes that a request takes in a send. */
export function paddedLength(request: Request): number {
  return align4(NLMSG_HEADER_LENGTH + request.body.length);
}

/** A request that is too long by itself makes a chunk of its own, and fails in `send`. */
function chunkEnd(requests: readonly Request[], start: number, sendLimit: number): number {
  let bytes = 0;
  let end = start;
  for (const request of requests.slice(start, start + CHUNK_MESSAGES)) {
    bytes += paddedLength(request);
    if (bytes > sendLimit && end > start) break;
    end++;
  }
  return end;
}

function runChunk(channel: Channel, chunk: readonly Request[]): Errors {
  const errors: Errors = chunk.map(() => undefined);
  const first = channel.nextSequence();
  const sent = channel.send(writeChunk(channel, chunk, first));
  const failed = sent < 0 ? sent : readChunk(channel, chunk, first, errors);
  if (failed >= 0) return errors;
  channel.discard();
  // Silence cannot be told from success here, and so every request without an error has failed.
  return chunk.map((request, index) => errors[index] ?? failure(request, -failed));
}

/**
 * Only the last request asks to be acknowledged: an error is reported unasked, and in order, so that
 * whatever has no error by then has succeeded.
 */
function writeChunk(channel: Channel, chunk: readonly Request[], first: number): number {
  sendBuffer.reserve(chunk.reduce((sum, request) => sum + paddedLength(request), 0));
  let end = 0;
  chunk.forEach((request, index) => {
    const sequence = index === 0 ? first : channel.nextSequence();
    end = channel.write(end, request, index === chunk.length - 1 ? NLM_F_ACK : 0, sequence);
  });
  return end;
}

/** Fills `errors` up to the last request's answer; below zero, the reading failed before that. */
function readChunk(
  channel: Channel,
  chunk: readonly Request[],
  first: number,
  errors: Errors,
): number {
  const { cursor } = channel;
  for (;;) {
    const length = channel.receive();
    if (length < 0) return length;
    while (cursor.next()) {
      const index = (cursor.sequence - first) >>> 0;
      const request = chunk[index];
      if (cursor.type !== NLMSG_ERROR || !request) continue;
      const verdict = readError(channel.body(), cursor.flags);
      if (verdict.errno !== 0) errors[index] = refusal(request, verdict);
      if (index === chunk.length - 1) return 0;
    }
    if (cursor.malformed) return -EBADMSG;
  }
}
