import * as z from 'zod';

/** Routers as they are in the field; what they are is in `packages/lab/src/preset`. */
export const RouterPreset = z
  .enum(['home', 'public', 'public-v4', 'isp-cgnat', 'isp-v6', 'corporate', 'hotel', 'cloud'])
  .meta({ id: 'RouterPreset' });
export type RouterPreset = z.infer<typeof RouterPreset>;

/** Which Internet protocols a router's network has. */
export const IpSupport = z.enum(['dual-stack', 'v4-only', 'v6-only']).meta({ id: 'IpSupport' });
export type IpSupport = z.infer<typeof IpSupport>;

/** Where the addresses of a router's network are from: as on the Internet, or as behind a home router. */
export const AddressPool = z.enum(['public', 'private']);
export type AddressPool = z.infer<typeof AddressPool>;
