import { InvalidValueError } from './invalid-value-error.ts';

/** IFNAMSIZ of linux/if.h without the closing NUL. */
const MAX_LENGTH = 15;
const utf8 = new TextEncoder();

/** What dev_valid_name() refuses, with the kernel's notion of a space (0xa0 is one), and NUL. */
const FORBIDDEN = new Set([0x00, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x2f, 0x3a]);
const PERCENT = 0x25;

/**
 * Checks a network interface name: 1 to 15 bytes, not `.` or `..`, no `/`, `:` or white space
 * (dev_valid_name() in net/core/dev.c). `%` is refused too, since the kernel takes `tap%d` for a
 * pattern and would make an interface of another name.
 *
 * @throws InvalidValueError with code `ERR_INVALID_INTERFACE_NAME`
 */
export function assertInterfaceName(name: string): void {
  const bytes = utf8.encode(name);
  if (bytes.length < 1 || bytes.length > MAX_LENGTH) {
    throw invalid(name, `an interface name has 1 to ${MAX_LENGTH} bytes`);
  }
  if (name === '.' || name === '..') throw invalid(name, 'an interface name is not a directory');
  if (bytes.some((byte) => byte === PERCENT || FORBIDDEN.has(byte))) {
    throw invalid(name, "an interface name has no '/', ':', '%' or white space");
  }
}

function invalid(name: string, reason: string): InvalidValueError {
  return new InvalidValueError('ERR_INVALID_INTERFACE_NAME', name, reason);
}
