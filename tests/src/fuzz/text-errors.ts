import { isNetweirError } from '@netweir/api';
import { InvalidValueError } from '@netweir/kernel';

/** An error of the kernel package's readers of text. */
export function isInvalidValue(error: unknown): boolean {
  return error instanceof InvalidValueError;
}

export { isNetweirError };
