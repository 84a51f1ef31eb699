import type { DirectionFlags } from '@netweir/api';
import type { TrafficFlags } from './traffic-options.ts';

/** What a direction does, in netweir's words or in tc's. */
export interface DirectionOrTcFlags extends DirectionFlags {
  readonly tc?: string;
}

/** The flags of `set`, as they were written. */
export interface ImpairmentFlags extends DirectionOrTcFlags, TrafficFlags {
  readonly exclude?: true;
  readonly ingress?: true;
  readonly both?: true;
  readonly engine?: string;
  readonly for?: string;
  readonly persist?: true;
  readonly replace?: true;
  readonly guard?: string;
  readonly dryRun?: true;
}

/** The flags of `set` as the help shows them. */
export const IMPAIRMENT_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['--delay <time>', 'every packet waits this long, such as 100ms'],
  ['--jitter <time>', 'give or take this much, such as 10ms'],
  ['--delay-correlation <percent>', 'how much a delay depends on the one before'],
  ['--distribution <name>', 'of the jitter: uniform, normal, pareto or paretonormal'],
  ['--delay-reorder <how>', 'whether jitter reorders packets: natural (it does) or none'],
  ['--loss <percent>', 'lose packets at random, such as 1%'],
  ['--loss-correlation <percent>', 'how much a loss depends on the one before'],
  ['--loss-gemodel <p[,r[,1-h[,1-k]]]>', 'lose in bursts, after Gilbert and Elliott'],
  ['--loss-state <p13[,p31[,p32[,p23[,p14]]]]>', 'lose by a Markov chain of four states'],
  ['--duplicate <percent>', 'send packets twice'],
  ['--duplicate-correlation <percent>', 'how much it depends on the packet before'],
  ['--corrupt <percent>', 'flip a random bit'],
  ['--corrupt-correlation <percent>', 'how much it depends on the packet before'],
  ['--reorder <percent>', 'packets that jump the delay; needs --delay'],
  ['--reorder-correlation <percent>', 'how much it depends on the packet before'],
  ['--reorder-gap <count>', 'only every so manyth packet may jump'],
  ['--rate <rate>', 'no faster than this, such as 10mbit or 1.25MB/s'],
  ['--packet-overhead <bytes>', 'count every packet as so much longer, or shorter if negative'],
  ['--cell-size <bytes>', 'count in whole cells, as on ATM'],
  ['--cell-overhead <bytes>', 'count every cell as so much longer'],
  ['--limit <packets>', 'how many packets the queue holds; from delay and rate if absent'],
  ['--slot <min[,max]>', 'send in bursts with this time between them'],
  ['--slot-distribution <name,delay,jitter>', 'send in bursts with times of this distribution'],
  ['--slot-packets <count>', 'no more packets in a burst'],
  ['--slot-bytes <bytes>', 'no more bytes in a burst'],
  ['--ecn', 'mark packets instead of losing them, where they allow it'],
  ['--seed <number>', 'the same seed gives the same fates'],
  ['--tc <text>', "all that in tc's words, such as 'netem delay 100ms 10ms loss 1%'"],
  ['--ingress', 'all this for what the interfaces receive, not for what they send'],
  ['--both', 'all this for what they send and for what they receive'],
  ['--engine <name>', 'auto (the kernel where it can do it; the default), kernel or userspace'],
  ['--for <time>', 'restore after this time, such as 5m'],
  ['--persist', "stay when the daemon ends, and be the next one's; only what the kernel does can"],
  [
    '--guard <how>',
    'where the interface carries your SSH session or the API: auto (let that pass; the default), provisional (end after 30 s unless confirmed) or off',
  ],
  ['--dry-run', 'change nothing: print what would be done, in the words of tc'],
  ['--replace', 'go on even where what is there now could not be put back as it is'],
];
