import type { FastifyInstance } from 'fastify';
import { noSuchRoute, sendProblem } from './errors.ts';

const METHOD_NOT_ALLOWED = 405;

/**
 * Answers 405 and `Allow` for the other methods of every route that `register` adds to the scope;
 * without it a router only knows that nothing matched.
 */
export async function refuseOtherMethods(
  scope: FastifyInstance,
  register: (scope: FastifyInstance) => Promise<void>,
): Promise<void> {
  const methodsOf = new Map<string, Set<string>>();
  await scope.register(async (inner) => {
    inner.addHook('onRoute', ({ url, method }) => {
      const methods = methodsOf.get(url) ?? new Set();
      for (const one of [method].flat()) methods.add(one);
      methodsOf.set(url, methods);
    });
    await register(inner);
  });
  for (const [url, allowed] of methodsOf) {
    scope.route({
      url,
      method: scope.supportedMethods.filter((method) => !allowed.has(method)),
      schema: { hide: true },
      onRequest: async (request, reply) => {
        reply.header('allow', [...allowed].join(', '));
        sendProblem(reply, noSuchRoute(request), METHOD_NOT_ALLOWED);
        return reply;
      },
      handler: (_request, reply) => reply,
    });
  }
}
