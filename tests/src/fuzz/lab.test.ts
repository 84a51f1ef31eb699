import { LAB_DECODERS } from './lab-decoders.ts';
import { fuzzAll } from './run.ts';

fuzzAll(LAB_DECODERS);
