import * as z from 'zod';
import { DockerEngine } from '../docker/docker-engine.ts';
import { PodmanEngine } from '../podman/podman-engine.ts';
import { type EngineEndpoint, isRootless } from './endpoint.ts';
import { type Engine, MIB } from './engine.ts';
import { EngineError } from './engine-error.ts';
import type { HttpClient } from './http-client.ts';

const OPERATION = 'connect';
const VERSION = /^\d{1,4}\.\d{1,4}(?:\.\d{1,4})?/;

/** GET /version of the Docker Engine API. */
const Version = z.object({ ApiVersion: z.string(), MinAPIVersion: z.string().nullish() });

/** The Docker Engine API that we know, where the engine knows it; the first that tells all we need. */
const WANTED_API = '1.41';
const OLDEST_API = '1.24';
const OLDEST_LIBPOD = '4.0';

/**
 * Asks an engine who it is: Podman also stands where Docker is expected. It tells by a header, as its
 * /version takes a second.
 * @throws {EngineError}
 */
export async function connect(client: HttpClient, endpoint: EngineEndpoint): Promise<Engine> {
  const { 'libpod-api-version': libpod } = await client.ping();
  return libpod === undefined
    ? connectDocker(client, endpoint)
    : connectPodman(client, endpoint, `${libpod}`);
}

async function connectDocker(client: HttpClient, endpoint: EngineEndpoint): Promise<Engine> {
  const version = await client.get('/version', Version, { maxBytes: MIB });
  const newest = acceptable(version.ApiVersion, OLDEST_API, 'Docker Engine API');
  const oldest = VERSION.exec(version.MinAPIVersion ?? '')?.[0] ?? OLDEST_API;
  const rootless = isRootless(endpoint.address) ?? (await DockerEngine.isRootless(client));
  return new DockerEngine(client, versionBetween(oldest, WANTED_API, newest), {
    endpoint: endpoint.url,
    rootless,
  });
}

async function connectPodman(
  client: HttpClient,
  endpoint: EngineEndpoint,
  libpod: string,
): Promise<Engine> {
  const version = acceptable(libpod, OLDEST_LIBPOD, 'Podman');
  const rootless = isRootless(endpoint.address) ?? (await PodmanEngine.isRootless(client, version));
  return new PodmanEngine(client, version, { endpoint: endpoint.url, rootless });
}

/** The version that is wanted, or the one next to it of those that there are. */
function versionBetween(oldest: string, wanted: string, newest: string): string {
  if (compare(wanted, oldest) < 0) return oldest;
  return compare(wanted, newest) > 0 ? newest : wanted;
}

function acceptable(text: string, oldest: string, what: string): string {
  const version = VERSION.exec(text)?.[0];
  if (version === undefined) {
    throw new EngineError('unintelligible', OPERATION, `no version of ${what}: ${text}`);
  }
  if (compare(version, oldest) >= 0) return version;
  const remedy = `${oldest} or newer is needed`;
  throw new EngineError('unintelligible', OPERATION, `${what} ${version} is too old: ${remedy}`);
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  return (left?.[0] ?? 0) - (right?.[0] ?? 0) || (left?.[1] ?? 0) - (right?.[1] ?? 0);
}
