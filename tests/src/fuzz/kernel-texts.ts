import {
  formatIpAddress,
  parseHandle,
  parseIpAddress,
  parseIpPrefix,
  parseMacAddress,
} from '@netweir/kernel';
import { type Decoder, isRangeError, ofBytes, ofText } from './decoder.ts';
import { isInvalidValue } from './text-errors.ts';

const ADDRESSES = [
  '10.0.0.1',
  '2001:db8::1',
  '::ffff:192.0.2.1',
  'fe80::1%eth0',
  '1:2:3:4:5:6:7:8',
];

export const KERNEL_TEXTS: readonly Decoder[] = [
  ofText({
    name: 'parseIpAddress',
    covers: ['kernel/route/ip-address.ts parseIpAddress'],
    seeds: ADDRESSES,
    decode: parseIpAddress,
    mayThrow: isInvalidValue,
  }),
  ofText({
    name: 'parseIpPrefix',
    covers: ['kernel/route/ip-prefix.ts parseIpPrefix'],
    seeds: ADDRESSES.map((address) => `${address}/24`),
    decode: parseIpPrefix,
    mayThrow: isInvalidValue,
  }),
  ofText({
    name: 'parseMacAddress',
    covers: ['kernel/route/mac-address.ts parseMacAddress'],
    seeds: ['02:00:00:00:00:01', 'ff:FF:ff:ff:ff:ff'],
    decode: parseMacAddress,
    mayThrow: isInvalidValue,
  }),
  ofText({
    name: 'parseHandle',
    covers: ['kernel/tc/tcmsg.ts parseHandle'],
    seeds: ['4e57:', '1:10', 'root', 'none', ':fff3'],
    decode: parseHandle,
    mayThrow: isRangeError,
  }),
  ofBytes({
    name: 'formatIpAddress',
    covers: [],
    seeds: [Uint8Array.of(10, 0, 0, 1), new Uint8Array(16)],
    decode: formatIpAddress,
    mayThrow: isRangeError,
  }),
];
