import * as z from 'zod';
import { Duration } from '../units/schema.ts';

/** Which external port a client gets (RFC 4787 section 4.1): one for all destinations, or one for each. */
export const NatMapping = z.enum(['endpoint-independent', 'endpoint-dependent']);
export type NatMapping = z.infer<typeof NatMapping>;

/** From whom a mapped port accepts (RFC 4787 section 5): from all, or whom the client has sent to. */
export const NatFiltering = z.enum([
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
]);
export type NatFiltering = z.infer<typeof NatFiltering>;

/** The client's own port where it is free (RFC 4787 section 4.2.1), or one by chance. */
export const NatPorts = z.enum(['preserving', 'random']);
export type NatPorts = z.infer<typeof NatPorts>;

/** Network address translation of IPv4, in every detail. */
export const NatConfig = z
  .strictObject({
    mapping: NatMapping.optional().meta({ description: '`endpoint-independent` if absent.' }),
    filtering: NatFiltering.optional().meta({
      description: '`address-and-port-dependent` if absent.',
    }),
    ports: NatPorts.optional().meta({
      description: '`preserving` if absent; `random` with an endpoint-dependent mapping.',
    }),
    hairpin: z
      .boolean()
      .optional()
      .meta({ description: 'Clients reach one another by external addresses; `false` if absent.' }),
    timeouts: z
      .strictObject({
        udp: Duration.optional().meta({ description: 'Nobody has answered; `30s` if absent.' }),
        udpStream: Duration.optional().meta({ description: 'Answered; `300s` if absent.' }),
        tcpEstablished: Duration.optional().meta({ description: '`7200s` if absent.' }),
      })
      .optional(),
  })
  .meta({ id: 'NatConfig' });
export type NatConfig = z.infer<typeof NatConfig>;

/** Kinds of translators by the names that they have in the field. */
export const NatName = z.enum([
  'none',
  'home',
  'full-cone',
  'address-restricted',
  'corporate',
  'cloud-nat',
  'cgnat',
  'open',
  'moderate',
  'strict',
]);
export type NatName = z.infer<typeof NatName>;

/** How a router translates IPv4: by name, or in detail. */
export const Nat = z.union([NatName, NatConfig]).meta({ id: 'Nat' });
export type Nat = z.infer<typeof Nat>;

/** How a router translates IPv6: prefixes (RFC 6296), addresses and ports, or IPv6 to IPv4 (RFC 6146). */
export const NatV6 = z.enum(['none', 'nptv6', 'masquerade', 'nat64']).meta({ id: 'NatV6' });
export type NatV6 = z.infer<typeof NatV6>;
