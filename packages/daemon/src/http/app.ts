import fastifySwagger from '@fastify/swagger';
import fastifyWebsocket from '@fastify/websocket';
import type { Netweir } from '@netweir/api';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { answerBrokenHttp } from './broken-http.ts';
import { handleError, noSuchRoute, sendProblem } from './errors.ts';
import { refuseOtherMethods } from './methods.ts';
import { openapiOptions } from './openapi.ts';
import { servePage } from './page.ts';
import { eventRoutes } from './routes/events.ts';
import { impairmentRoutes } from './routes/impairment.ts';
import { inventoryRoutes } from './routes/inventory.ts';
import { labRoutes } from './routes/labs.ts';
import { linkRoutes } from './routes/link.ts';
import { measurementRoutes } from './routes/measurements.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { probeRoutes } from './routes/probes.ts';
import { restoreRoutes } from './routes/restore.ts';
import { ruleRoutes } from './routes/rules.ts';
import { topologyRoutes } from './routes/topology.ts';
import { validatorCompiler } from './schema.ts';
import {
  requireLocalHost,
  requireToken,
  SECURITY_HEADERS,
  setSecurityHeaders,
} from './security.ts';

export interface AppOptions {
  readonly netweir: Netweir;
  /** Folder of the built page. */
  readonly pageDirectory: string;
  /** netweir's version, for the OpenAPI document. */
  readonly version: string;
  readonly logger: FastifyBaseLogger;
}

const MAX_BODY_BYTES = 64 * 1024;

/** The name of a namespace has up to 255 characters, each up to 12 when percent-encoded. */
const MAX_PARAM_LENGTH = 4096;

/** Clients send nothing on the WebSocket. */
const MAX_CLIENT_MESSAGE_BYTES = 1024;

/**
 * The API and the page, not yet listening. With a token it is for TCP: the token, Host and Origin
 * are checked. With `undefined` it is for the Unix socket, which its file mode guards.
 */
export async function createApp(
  options: AppOptions,
  token: string | undefined,
): Promise<FastifyInstance> {
  const app = bareApp(options.logger);
  await app.register(fastifyWebsocket, { options: { maxPayload: MAX_CLIENT_MESSAGE_BYTES } });
  app.addHook('onRequest', setSecurityHeaders);
  if (token !== undefined) app.addHook('onRequest', requireLocalHost);
  await app.register(fastifySwagger, openapiOptions(options.version));
  await refuseOtherMethods(app, async (scope) => {
    await scope.register(openapiRoutes());
  });
  await app.register(async (scope) => {
    if (token !== undefined) scope.addHook('onRequest', requireToken(token));
    await refuseOtherMethods(scope, (inner) => addApi(inner, options.netweir));
    scope.all('/api/*', { schema: { hide: true } }, (request, reply) => {
      sendProblem(reply, noSuchRoute(request));
      return reply;
    });
  });
  await servePage(app, options.pageDirectory);
  await app.ready();
  return app;
}

function bareApp(logger: FastifyBaseLogger): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    // A request's address may hold the token.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: 30_000,
    // node's own answer to a missing Host is no problem document; requireLocalHost gives one.
    http: { requireHostHeader: false },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, request, reply) => {
      reply.headers(SECURITY_HEADERS);
      handleError(error, request, reply);
    },
  });
  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  return app;
}

async function addApi(scope: FastifyInstance, netweir: Netweir): Promise<void> {
  const prefix = '/api/v1';
  await scope.register(inventoryRoutes(netweir), { prefix });
  await scope.register(topologyRoutes(netweir), { prefix });
  await scope.register(impairmentRoutes(netweir), { prefix });
  await scope.register(linkRoutes(netweir), { prefix });
  await scope.register(restoreRoutes(netweir), { prefix });
  await scope.register(probeRoutes(netweir), { prefix });
  await scope.register(measurementRoutes(netweir), { prefix });
  await scope.register(ruleRoutes(netweir), { prefix });
  await scope.register(labRoutes(netweir), { prefix });
  await scope.register(eventRoutes(netweir), { prefix });
}
