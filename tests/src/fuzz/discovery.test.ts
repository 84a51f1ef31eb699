import { DISCOVERY_DECODERS } from './discovery-decoders.ts';
import { fuzzAll } from './run.ts';

fuzzAll(DISCOVERY_DECODERS);
