import * as z from 'zod';
import { Rule, RuleName } from './rule.ts';

/** Where a runtime's sockets are: all that are found, or these. */
const Sockets = z.union([z.literal('auto'), z.string(), z.array(z.string())]);

const RuntimeConfig = z.strictObject({
  enabled: z.boolean().optional(),
  socket: Sockets.optional().meta({ description: '`auto` if absent.' }),
});
export type RuntimeConfig = z.infer<typeof RuntimeConfig>;

/** `config.json5`, in /etc/netweir and ~/.config/netweir; what the latter has wins, key by key. */
export const Config = z.strictObject({
  containers: z
    .strictObject({
      enabled: z.boolean().optional(),
      docker: RuntimeConfig.optional(),
      podman: RuntimeConfig.optional(),
      containerd: RuntimeConfig.optional(),
      cri: RuntimeConfig.optional(),
      processes: z.strictObject({ enabled: z.boolean().optional() }).optional().meta({
        description: 'Containers and bare namespaces that only /proc tells of.',
      }),
      show_stopped_containers: z.boolean().optional(),
      labels: z
        .strictObject({
          enabled: z.boolean().optional(),
          allow: z.array(z.string()).optional().meta({
            description: 'Globs of the spaces whose labels count; all if absent.',
          }),
        })
        .optional()
        .meta({ description: 'netweir.egress, netweir.ingress and netweir.for of containers.' }),
    })
    .optional(),
  rules: z.record(RuleName, Rule).optional(),
  guardian: z.boolean().optional().meta({
    description:
      'Whether a small process beside netweir restores everything where that is killed; yes if absent.',
  }),
});
export type Config = z.infer<typeof Config>;
