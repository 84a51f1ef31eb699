import { NetweirError } from '@netweir/api';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses a body where none is read: whoever sends one means something that would not happen.
 *
 * @throws NetweirError `invalid-request`
 */
export async function refuseBody({ body, method }: FastifyRequest): Promise<void> {
  const isNothing =
    body === undefined ||
    body === null ||
    (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0);
  if (isNothing) return;
  throw new NetweirError('invalid-request', `this ${method} takes no body`, {
    remedy: 'Send the request without a body.',
  });
}
