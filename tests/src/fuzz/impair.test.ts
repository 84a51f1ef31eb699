import { IMPAIR_DECODERS } from './impair-decoders.ts';
import { fuzzAll } from './run.ts';

fuzzAll(IMPAIR_DECODERS);
