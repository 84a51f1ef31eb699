import * as z from 'zod';

/** Who runs a container. */
export const ContainerRuntime = z.enum([
  'docker',
  'podman',
  'containerd',
  'cri-o',
  'lxc',
  'systemd-nspawn',
]);
export type ContainerRuntime = z.infer<typeof ContainerRuntime>;

/** A network of a runtime, as one container is attached to it. */
export const ContainerNetwork = z
  .strictObject({
    name: z.string(),
    driver: z.string().nullable(),
    internal: z.boolean().meta({
      description: 'No way out: its containers reach one another and nothing else.',
    }),
    bridge: z
      .string()
      .nullable()
      .meta({ description: "The bridge in the runtime's own namespace, where there is one." }),
    addresses: z.array(z.string()),
    gateways: z.array(z.string()),
    mac: z.string().nullable(),
  })
  .meta({ id: 'ContainerNetwork' });
export type ContainerNetwork = z.infer<typeof ContainerNetwork>;

export const PublishedPort = z.strictObject({
  containerPort: z.int(),
  protocol: z.string(),
  hostAddress: z.string().nullable(),
  hostPort: z.int().nullable().meta({ description: 'Null: exposed, not published.' }),
});
export type PublishedPort = z.infer<typeof PublishedPort>;

/** A container, as its runtime tells it, or as far as its processes show where no runtime does. */
export const Container = z
  .strictObject({
    runtime: ContainerRuntime,
    endpoint: z
      .string()
      .nullable()
      .meta({ description: 'The socket that told of it; null where only its processes do.' }),
    id: z.string(),
    name: z.string(),
    image: z.string().nullable(),
    state: z.enum(['running', 'paused', 'stopped']),
    pid: z.int().nullable(),
    createdAt: z.iso.datetime().nullable(),
    labels: z.record(z.string(), z.string()),
    compose: z.strictObject({ project: z.string(), service: z.string() }).nullable(),
    pod: z
      .strictObject({
        namespace: z.string().meta({ description: "Empty where pods have none: Podman's." }),
        name: z.string(),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
      })
      .nullable(),
    rootless: z.boolean(),
    networks: z.array(ContainerNetwork),
    ports: z.array(PublishedPort),
  })
  .meta({ id: 'Container' });
export type Container = z.infer<typeof Container>;

/** How things stand with a runtime's socket. */
export const RuntimeStatus = z
  .strictObject({
    runtime: ContainerRuntime,
    endpoint: z.string(),
    state: z.enum(['connecting', 'current', 'stale', 'refused']).meta({
      description:
        '`stale`: it does not answer as it should, and its containers are shown as they were; `refused`: we may not read it.',
    }),
    detail: z.string().nullable().meta({ description: 'What is wrong.' }),
    currentAt: z.iso.datetime().nullable().meta({ description: 'When its answers were current.' }),
  })
  .meta({ id: 'RuntimeStatus' });
export type RuntimeStatus = z.infer<typeof RuntimeStatus>;
