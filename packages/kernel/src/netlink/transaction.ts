import { EBADMSG, ENOBUFS } from '../errno.ts';
import type { KernelError } from '../errors.ts';
import { CHUNK_RECEIVE_LIMIT, paddedLength } from './batch.ts';
import { sendBuffer } from './buffers.ts';
import type { Channel } from './channel.ts';
import { NLMSG_ERROR, readError } from './message.ts';
import { failure, refusal } from './refusal.ts';
import { NLM_F_ACK, type Request } from './request.ts';
import { raiseReceiveLimit, raiseSendLimit } from './socket-options.ts';

/**
 * Sends all requests in one datagram, as nfnetlink wants a transaction (nfnetlink_rcv_batch()), and
 * throws its first refusal. Only the last request before the closing one asks for an answer: older
 * kernels (before 6.10) give none for the messages that begin and end a transaction.
 */
export function runTransaction(channel: Channel, requests: readonly Request[]): void {
  const [begin] = requests;
  if (!begin || requests.length < 3) return;
  const length = requests.reduce((sum, request) => sum + paddedLength(request), 0);
  raiseSendLimit(channel.fd, length);
  raiseReceiveLimit(channel.fd, CHUNK_RECEIVE_LIMIT);
  const first = channel.nextSequence();
  const sent = channel.send(write(channel, requests, length, first));
  if (sent < 0) throw failure(begin, -sent);
  const refused = firstRefusal(channel, requests, first);
  channel.discard();
  if (refused) throw refused;
}

function write(
  channel: Channel,
  requests: readonly Request[],
  length: number,
  first: number,
): number {
  sendBuffer.reserve(length);
  let end = 0;
  requests.forEach((request, index) => {
    const sequence = index === 0 ? first : channel.nextSequence();
    const verb = index === requests.length - 2 ? NLM_F_ACK : 0;
    end = channel.write(end, request, verb, sequence);
  });
  return end;
}

/**
 * Reads up to the answer of the last request that asked for one, or up to an error of the first: that is
 * how the kernel says that the whole could not be committed, and then says nothing of the others. More
 * errors than the socket has room for (ENOBUFS) leave the first of them to be read, and nothing behind.
 */
function firstRefusal(
  channel: Channel,
  requests: readonly Request[],
  first: number,
): KernelError | undefined {
  let refused: KernelError | undefined;
  let last = requests.length - 2;
  for (;;) {
    const length = channel.receive();
    if (length === -ENOBUFS) {
      last = 0;
      continue;
    }
    if (length < 0) return refused ?? unanswered(requests, -length);
    for (const { index, error } of readAnswers(channel, requests, first)) {
      refused ??= error;
      if (index >= last || (index === 0 && refused)) return refused;
    }
    if (channel.cursor.malformed) return refused ?? unanswered(requests, EBADMSG);
  }
}

/** The answers in the datagram that the cursor is in, with the index of the request. */
function readAnswers(
  channel: Channel,
  requests: readonly Request[],
  first: number,
): { index: number; error: KernelError | undefined }[] {
  const { cursor } = channel;
  const answers: { index: number; error: KernelError | undefined }[] = [];
  while (cursor.next()) {
    const index = (cursor.sequence - first) >>> 0;
    const request = requests[index];
    if (cursor.type !== NLMSG_ERROR || !request) continue;
    const verdict = readError(channel.body(), cursor.flags);
    answers.push({ index, error: verdict.errno ? refusal(request, verdict) : undefined });
  }
  return answers;
}

function unanswered([begin]: readonly Request[], errno: number): KernelError | undefined {
  return begin && failure(begin, errno);
}
