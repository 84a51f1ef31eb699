/** gRPC servers of whatever behaviour, and waiting for what a source makes of them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader';
import type { Descriptors } from './descriptors.ts';

/** A folder of sockets that is gone in the end. */
export async function socketFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'netweir-grpc-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** A server of some services of a schema at a socket. */
export async function serve(
  path: string,
  descriptors: Descriptors,
  services: Readonly<Record<string, UntypedServiceImplementation>>,
): Promise<Disposable & { close(): void }> {
  const server = new Server();
  const definition = fromJSON(descriptors, { longs: Number, enums: String, defaults: true });
  for (const [name, implementation] of Object.entries(services)) {
    server.addService(definition[name] as ServiceDefinition, implementation);
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  const close = (): void => server.forceShutdown();
  return { close, [Symbol.dispose]: close };
}

/** A method that gives what `answer` returns, or throws. */
export function unary(
  answer: (metadata: ReadonlyMap<string, string>) => object,
): handleUnaryCall<unknown, object> {
  return ({ metadata }, callback) => {
    const values = Object.entries(metadata.getMap()).map(
      ([key, value]) => [key, `${value}`] as const,
    );
    let given: object;
    try {
      given = answer(new Map(values));
    } catch (error) {
      callback(error as ServiceError);
      return;
    }
    callback(null, given);
  };
}

export async function until(holds: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    assert.ok(performance.now() < end, `not within ${deadlineMs} ms`);
    await setTimeout(5);
  }
}
