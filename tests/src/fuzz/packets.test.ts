import { KERNEL_TEXTS } from './kernel-texts.ts';
import { PACKET_DECODERS } from './packet-decoders.ts';
import { fuzzAll } from './run.ts';

fuzzAll([...PACKET_DECODERS, ...KERNEL_TEXTS]);
