import * as z from 'zod';

const Port = z.int().min(1).max(65_535);

/** What may go out by a transport protocol: everything, nothing, or what is for some ports. */
export const PortPolicy = z.union([
  z.enum(['allow-all', 'block-all']),
  z.strictObject({ allow: z.array(Port) }),
]);
export type PortPolicy = z.infer<typeof PortPolicy>;

/** What a router lets through, besides what belongs to a connection that it let through before. */
export const FirewallConfig = z
  .strictObject({
    blockInbound: z
      .boolean()
      .optional()
      .meta({ description: 'Nothing comes in that nobody asked for; `false` if absent.' }),
    outboundTcp: PortPolicy.optional().meta({ description: '`allow-all` if absent.' }),
    outboundUdp: PortPolicy.optional().meta({ description: '`allow-all` if absent.' }),
  })
  .meta({ id: 'FirewallConfig' });
export type FirewallConfig = z.infer<typeof FirewallConfig>;

export const FirewallName = z.enum(['none', 'block-inbound', 'corporate', 'captive-portal']);
export type FirewallName = z.infer<typeof FirewallName>;

/** What a router's firewall does: by name, or in detail. */
export const Firewall = z.union([FirewallName, FirewallConfig]).meta({ id: 'Firewall' });
export type Firewall = z.infer<typeof Firewall>;
