import { InvalidValueError } from './invalid-value-error.ts';

const ETHERNET_ADDRESS = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

/** Thousands of interfaces have one each: a table is several times faster than converting. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * The six bytes of an Ethernet address such as `02:00:00:00:00:01`.
 *
 * @throws InvalidValueError with code `ERR_INVALID_MAC_ADDRESS`
 */
export function parseMacAddress(text: string): Uint8Array {
  if (!ETHERNET_ADDRESS.test(text)) {
    const reason = 'an Ethernet address is six pairs of hexadecimal digits with colons between';
    throw new InvalidValueError('ERR_INVALID_MAC_ADDRESS', text, reason);
  }
  return Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
}

/** A link-layer address of any length as lower-case pairs with colons between. */
export function formatMacAddress(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += `${text === '' ? '' : ':'}${HEX[byte]}`;
  return text;
}
