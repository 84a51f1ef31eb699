import { constants } from 'node:os';

/** Names that libuv, and so `os.constants.errno`, does not have (linux/errno.h). */
const OTHER_NAMES: Readonly<Record<number, string>> = {
  15: 'ENOTBLK',
  44: 'ECHRNG',
  49: 'EUNATCH',
  52: 'EBADE',
  53: 'EBADR',
  56: 'EBADRQC',
  64: 'ENONET',
  66: 'EREMOTE',
  70: 'ECOMM',
  76: 'ENOTUNIQ',
  77: 'EBADFD',
  78: 'EREMCHG',
  85: 'ERESTART',
  87: 'EUSERS',
  94: 'ESOCKTNOSUPPORT',
  96: 'EPFNOSUPPORT',
  108: 'ESHUTDOWN',
  109: 'ETOOMANYREFS',
  112: 'EHOSTDOWN',
  117: 'EUCLEAN',
  121: 'EREMOTEIO',
  123: 'ENOMEDIUM',
  124: 'EMEDIUMTYPE',
  126: 'ENOKEY',
  127: 'EKEYEXPIRED',
  128: 'EKEYREVOKED',
  129: 'EKEYREJECTED',
  132: 'ERFKILL',
  133: 'EHWPOISON',
  524: 'ENOTSUPP',
};

/** One number, two names: the one that the kernel's sources use. */
const PREFERRED_NAMES = ['EAGAIN', 'EOPNOTSUPP', 'EDEADLK'] as const;

const names = new Map<number, string>();
for (const [number, name] of Object.entries(OTHER_NAMES)) names.set(Number(number), name);
for (const [name, number] of Object.entries(constants.errno)) names.set(number, name);
for (const name of PREFERRED_NAMES) names.set(constants.errno[name], name);

export const EINTR: number = constants.errno.EINTR;
export const EAGAIN: number = constants.errno.EAGAIN;
export const ENETDOWN: number = constants.errno.ENETDOWN;
export const EINVAL: number = constants.errno.EINVAL;
export const EPERM: number = constants.errno.EPERM;
export const ENOBUFS: number = constants.errno.ENOBUFS;
export const EBADMSG: number = constants.errno.EBADMSG;
export const EADDRINUSE: number = constants.errno.EADDRINUSE;
export const ECONNREFUSED: number = constants.errno.ECONNREFUSED;
export const EHOSTUNREACH: number = constants.errno.EHOSTUNREACH;
export const ENETUNREACH: number = constants.errno.ENETUNREACH;
export const ETIMEDOUT: number = constants.errno.ETIMEDOUT;

/** The symbolic name of a positive error number: `errnoName(2)` is `ENOENT`. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `E${errno}`;
}
