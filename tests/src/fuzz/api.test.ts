import { API_DECODERS } from './api-decoders.ts';
import { fuzzAll } from './run.ts';

fuzzAll(API_DECODERS);
