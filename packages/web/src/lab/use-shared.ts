import { replaceEqualDeep } from '@tanstack/react-query';
import { useState } from 'react';

/** The value, with every part of it that is as before being the very same as before. */
export function useShared<T>(value: T): T {
  const [kept, keep] = useState(value);
  if (kept === value) return kept;
  const shared = replaceEqualDeep(kept, value) as T;
  if (shared !== kept) keep(shared);
  return shared;
}
