import assert from 'node:assert/strict';
import { FAR, type Wire } from './wire.test-support.ts';

/** What ping's last lines say. */
export interface PingSummary {
  readonly transmitted: number;
  readonly received: number;
  readonly duplicates: number;
}

/** ping's count, which ends with 1 where nothing came back: that is no failure here. */
export function pingSummary({ run }: Pick<Wire, 'run'>, ...options: string[]): PingSummary {
  const output = run('sh', '-c', `ping -n -q ${options.join(' ')} ${FAR.ipv4} || test $? = 1`);
  const [, transmitted, received, , duplicates] =
    /(\d+) packets transmitted, (\d+) received(, \+(\d+) duplicates)?/.exec(output) ?? [];
  assert.ok(transmitted !== undefined && received !== undefined, output);
  return {
    transmitted: Number(transmitted),
    received: Number(received),
    duplicates: Number(duplicates ?? 0),
  };
}

/** The replies in the order of their arrival, as ping saw them. */
export function pingReplies(
  { run }: Pick<Wire, 'run'>,
  ...options: string[]
): { sequence: number; rttMs: number }[] {
  const output = run('ping', '-n', ...options, FAR.ipv4);
  return [...output.matchAll(/icmp_seq=(\d+) .*time=([\d.]+) ms/g)].map(([, sequence, time]) => ({
    sequence: Number(sequence),
    rttMs: Number(time),
  }));
}
