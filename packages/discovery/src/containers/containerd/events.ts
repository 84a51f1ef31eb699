import type { GrpcChannel, Stream, StreamHandler } from '../grpc/channel.ts';

const TOPICS = [
  '/tasks/start',
  '/tasks/exit',
  '/tasks/paused',
  '/tasks/resumed',
  '/containers/create',
  '/containers/update',
  '/containers/delete',
  '/namespaces/create',
  '/namespaces/delete',
];

/** Follows what containerd tells of containers, in one of its namespaces or in all. */
export function followContainerd(
  channel: GrpcChannel,
  handler: StreamHandler,
  namespace?: string,
): Stream {
  const suffix = namespace === undefined ? '' : `,namespace==${JSON.stringify(namespace)}`;
  const filters = TOPICS.map((topic) => `topic==${JSON.stringify(topic)}${suffix}`);
  return channel.stream('containerd.services.events.v1.Events/Subscribe', { filters }, handler);
}
