import { readFileSync } from 'node:fs';
import { NLM_F_ACK, NLM_F_REQUEST, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';

/** A command of the dump. */
export interface Golden {
  readonly command: string;
  /** What tc sent; undefined where it refused the command itself. */
  readonly sent: Uint8Array | undefined;
  /** The whole message's length: the dump shows the beginning of very long ones. */
  readonly length: number;
}

/** The commands of the dump that `wanted` matches, with the messages that tc sent. */
export function readGoldens(wanted: RegExp): Golden[] {
  const dump = readFileSync(new URL('../../golden/tc_dump.txt', import.meta.url), 'utf8');
  const blocks = dump.split(/^\$ /m).slice(1);
  return blocks
    .filter((block) => wanted.test(block))
    .map((block) => {
      const [command = '', ...lines] = block.split('\n');
      const line = lines.find((text) => text.startsWith('TX['));
      const [, length, hex = ''] = /^TX\[(\d+)\] (.*)$/.exec(line ?? '') ?? [];
      const sent = line === undefined ? undefined : Buffer.from(hex.replaceAll(' ', ''), 'hex');
      return { command, sent, length: Number(length ?? 0) };
    });
}

/** The message that a socket makes of a request; its sequence number and port are zero. */
export function message({ type, flags, body }: Request): Buffer {
  const writer = new Writer(16 + body.length).u32(16 + body.length).u16(type);
  return Buffer.from(
    writer
      .u16(flags | NLM_F_REQUEST | NLM_F_ACK)
      .u32(0)
      .u32(0)
      .raw(body)
      .finish(),
  );
}

export function withoutSequence(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes).fill(0, 8, 16);
}
