import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

type Document = ReturnType<typeof jsonSchemaTransformObject> & {
  components?: { schemas?: Record<string, unknown> };
};

/** How the routes become an OpenAPI 3.1 document. */
export function openapiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'netweir',
        version,
        description:
          'Every network interface of this host, and how slow, lossy or broken netweir makes it. ' +
          'Quantities are texts with their unit: `100ms`, `1.5%`, `10mbit`. Errors are problem ' +
          'documents (RFC 9457).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'The token that `netweir up` prints; not asked for on the Unix socket.',
          },
          query: {
            type: 'apiKey',
            in: 'query',
            name: 'token',
            description: 'The same token, on the WebSocket only.',
          },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => mergeInputs(jsonSchemaTransformObject(document)),
  };
}

const REFERENCE = /^#\/components\/schemas\/(\w+)$/u;
const INPUT = /^(?<ref>#\/components\/schemas\/\w+)Input$/u;

/**
 * One component for each schema. The type provider makes two, for input and for output; they are
 * the same, because no schema of the contract has a default or a transformation.
 */
function mergeInputs(document: Document): Document {
  const merged: Document = JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(INPUT, '$<ref>') : value,
  );
  const schemas = merged.components?.schemas ?? {};
  const names = Object.keys(schemas).filter((name) => !name.endsWith('Input'));
  for (const name of names) {
    if (JSON.stringify(schemas[name]) !== JSON.stringify(schemas[`${name}Input`])) {
      throw new Error(
        `schema ${name} differs between input and output: it cannot be one component`,
      );
    }
  }
  const { paths } = merged;
  const used = Object.fromEntries(usedIn(paths, schemas).map((name) => [name, schemas[name]]));
  return { ...merged, components: { ...merged.components, schemas: used } } as Document;
}

/** The names of the schemas that a part of the document leads to; others are not of the HTTP API. */
function usedIn(part: unknown, schemas: Readonly<Record<string, unknown>>): string[] {
  const used = new Set<string>();
  const follow = (from: unknown): void => {
    JSON.stringify(from, (key, value: unknown) => {
      const [, name = ''] = (key === '$ref' && REFERENCE.exec(String(value))) || [];
      if (name in schemas && !used.has(name)) {
        used.add(name);
        follow(schemas[name]);
      }
      return value;
    });
  };
  follow(part);
  return Object.keys(schemas).filter((name) => used.has(name));
}
