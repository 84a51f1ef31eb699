import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { noSuchRoute, sendProblem } from './errors.ts';

const ONE_YEAR = 'public, max-age=31536000, immutable';

/** vite puts a hash of the content into the names of the files in this folder. */
const HASHED = /[/\\]assets[/\\]/u;

/** Serves the built page; an address that it does not know and a person opens is the page's own. */
export async function servePage(app: FastifyInstance, pageDirectory: string): Promise<void> {
  const root = resolve(pageDirectory);
  if (!existsSync(join(root, 'index.html'))) {
    sayHowToBuild(app, root);
    return;
  }
  await app.register(fastifyStatic, {
    root,
    cacheControl: false,
    schemaHide: true,
    setHeaders: (reply, path) => {
      reply.header('cache-control', HASHED.test(path.slice(root.length)) ? ONE_YEAR : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => {
    if (wantsPage(request)) return reply.sendFile('index.html');
    return refuse(request, reply);
  });
}

function sayHowToBuild(app: FastifyInstance, root: string): void {
  app.setNotFoundHandler((request, reply) => {
    if (!wantsPage(request)) return refuse(request, reply);
    return reply
      .code(404)
      .type('text/plain; charset=utf-8')
      .send(`The page is not built: ${root} has no index.html. Run \`npm run build\`.\n`);
  });
}

function wantsPage({ method, headers, url }: FastifyRequest): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  const asked = url === '/' || (headers.accept ?? '').includes('text/html');
  return reads && asked && !url.startsWith('/api/');
}

function refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  sendProblem(reply, noSuchRoute(request));
  return reply;
}
