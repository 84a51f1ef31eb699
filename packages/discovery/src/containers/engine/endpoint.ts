import { isInitialUserNamespace } from '@netweir/kernel';
import { statIfSeen } from '../sockets/stat-if-seen.ts';
import type { Address } from './http-client.ts';

/** Where an engine can be asked. */
export interface EngineEndpoint {
  /** As a URL, such as `unix:///run/docker.sock`. */
  readonly url: string;
  readonly address: Address;
  /** What it is taken for until it answers. */
  readonly runtime: 'docker' | 'podman';
}

/** A place that cannot be asked, and why. */
export interface UnusableEndpoint {
  readonly url: string;
  readonly detail: string;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;
/** Docker's port without TLS. */
const DEFAULT_PORT = 2375;

/** The endpoint of a socket. */
export function unixEndpoint(path: string, runtime: EngineEndpoint['runtime']): EngineEndpoint {
  return { url: `unix://${path}`, address: { path }, runtime };
}

/**
 * What is meant by a path, or by a URL as DOCKER_HOST and CONTAINER_HOST have them. Only this host's
 * engines can be used, as the processes of another host's containers are not here.
 */
export function parseEndpoint(
  text: string,
  runtime: EngineEndpoint['runtime'],
): EngineEndpoint | UnusableEndpoint {
  if (text.startsWith('/')) return unixEndpoint(text, runtime);
  if (text.startsWith('unix:///')) return unixEndpoint(text.slice('unix://'.length), runtime);
  const httpText = text.replace(/^tcp:/, 'http:');
  const url =
    /^http:\/\/[^/]+/.test(httpText) && URL.canParse(httpText) ? new URL(httpText) : undefined;
  if (!url) {
    return { url: text, detail: 'not supported: give the path of a socket, or unix:// or tcp://' };
  }
  if (!LOOPBACK.test(url.hostname)) {
    return { url: text, detail: 'on another host: run netweir there' };
  }
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  return { url: text, address: { host: url.hostname.replace(/^\[|\]$/g, ''), port }, runtime };
}

/**
 * Whether an engine is an ordinary user's, by where its socket is and whose; undefined where that does
 * not tell, as somebody may have been given the socket of root's.
 */
export function isRootless(address: Address): boolean | undefined {
  if (!('path' in address)) return undefined;
  const uid = /^\/run\/user\/(\d+)\//.exec(address.path)?.[1];
  if (uid !== undefined) return uid !== '0';
  const isOfUser0 = statIfSeen(address.path)?.uid === 0n;
  // In a user namespace that is the user who made it.
  return isOfUser0 ? !isInitialUserNamespace() : undefined;
}
