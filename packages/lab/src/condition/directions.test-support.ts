import type { Direction } from '@netweir/api';

export const delay = (mean: string): Direction => ({ delay: { mean } });
export const rate = (bitsPerSec: string): Direction => ({ rate: { rate: bitsPerSec } });
export const loss = (probability: string): Direction => ({
  loss: { model: 'random', probability },
});
