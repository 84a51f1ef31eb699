import type { fromJSON } from '@grpc/proto-loader';

/** Messages and services in the JSON form of protobufjs. */
export type Descriptors = Parameters<typeof fromJSON>[0];
type Nested = NonNullable<Descriptors['nested']>;

/** The packages of a schema, by their full names, and what is in them. */
export function packages(contents: Readonly<Record<string, Nested>>): Descriptors {
  const root: { nested: Nested } = { nested: {} };
  for (const [name, nested] of Object.entries(contents)) {
    let at = root;
    for (const part of name.split('.')) {
      const found = at.nested[part];
      const next = { nested: found && 'nested' in found ? { ...found.nested } : {} };
      at.nested[part] = next;
      at = next;
    }
    Object.assign(at.nested, nested);
  }
  return root;
}

/** A service whose methods take `NAMERequest` and give `NAMEResponse`, unless named otherwise. */
export function service(
  methods: Readonly<Record<string, { name?: string; response?: string; isStream?: boolean }>>,
): Nested[string] {
  return {
    methods: Object.fromEntries(
      Object.entries(methods).map(([method, { name = method, response, isStream = false }]) => [
        method,
        {
          requestType: `${name}Request`,
          responseType: response ?? `${name}Response`,
          responseStream: isStream,
          comment: '',
        },
      ]),
    ),
  };
}

/** A message of scalar, message and repeated (`TYPE[]`) fields and string maps (`map`), by number. */
export function message(
  fields: Readonly<Record<string, readonly [string, number]>>,
): Nested[string] {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [type, id]]) => [name, field(type, id)]),
    ),
  };
}

function field(type: string, id: number) {
  if (type === 'map') return { keyType: 'string', type: 'string', id };
  if (type.endsWith('[]')) return { rule: 'repeated', type: type.slice(0, -2), id };
  return { type, id };
}
