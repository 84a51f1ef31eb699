import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import type { Equipment } from './node-worker.ts';

/** What a Worker asks its node, and is answered; null where the node knows no such name. */
export interface NameQuestion {
  readonly question: number;
  readonly name: string;
}
export interface NameAnswer {
  readonly question: number;
  readonly addresses: readonly string[] | null;
}

type Callback = (error: Error | null, address?: unknown, family?: number) => void;

const LOCAL: readonly string[] = ['127.0.0.1', '::1'];

/**
 * Has this thread look names up as its node does: `dns.lookup`, which would ask outside, asks the node, and
 * what asks name servers asks those of the lab.
 */
export function lookNamesUpIn({ port, nameservers, asksNameservers }: Equipment): void {
  dns.setServers(nameservers);
  const ask = asker(port);
  const original = dns.lookup;
  const find = async (name: string, options: LookupOptions): Promise<LookupAddress[]> => {
    const known = name.toLowerCase() === 'localhost' ? LOCAL : await ask(name);
    const found = known ?? (asksNameservers ? await askNameservers(name) : []);
    return chosen(found, name, options);
  };
  const lookup = (name: string, given: unknown, last?: Callback): unknown => {
    const callback = typeof given === 'function' ? (given as Callback) : last;
    const options = optionsOf(given);
    if (!callback || !name || isIP(name))
      return Reflect.apply(
        original,
        dns,
        [name, given, last].filter((value) => value !== undefined),
      );
    find(name, options).then(
      (addresses) => {
        const [first] = addresses;
        process.nextTick(() =>
          options.all ? callback(null, addresses) : callback(null, first?.address, first?.family),
        );
      },
      (error: Error) => process.nextTick(callback, error),
    );
    return {};
  };
  const promised = async (name: string, given?: unknown): Promise<unknown> => {
    const options = optionsOf(given);
    return await new Promise((resolve, reject) => {
      lookup(name, { ...options }, (error, address, family) => {
        if (error) reject(error);
        else resolve(options.all ? address : { address, family });
      });
    });
  };
  Object.assign(dns, { lookup });
  Object.assign(dns.promises, { lookup: promised });
  syncBuiltinESMExports();
}

function asker(port: MessagePort): (name: string) => Promise<readonly string[] | null> {
  const waiting = new Map<number, (addresses: readonly string[] | null) => void>();
  let asked = 0;
  port.on('message', ({ question, addresses }: NameAnswer) => {
    waiting.get(question)?.(addresses);
    waiting.delete(question);
    if (waiting.size === 0) port.unref();
  });
  port.unref();
  return (name) =>
    new Promise((resolve) => {
      asked += 1;
      waiting.set(asked, resolve);
      port.ref();
      port.postMessage({ question: asked, name } satisfies NameQuestion);
    });
}

async function askNameservers(name: string): Promise<string[]> {
  const results = await Promise.allSettled([
    dns.promises.resolve4(name),
    dns.promises.resolve6(name),
  ]);
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

function optionsOf(given: unknown): LookupOptions {
  if (typeof given === 'number') return { family: given };
  return typeof given === 'object' && given !== null ? given : {};
}

function chosen(
  addresses: readonly string[],
  hostname: string,
  { family = 0 }: LookupOptions,
): LookupAddress[] {
  const wanted = Number(String(family).replace('IPv', ''));
  const found = addresses
    .map((address) => ({ address, family: isIP(address) }))
    .filter((entry) => wanted === 0 || entry.family === wanted);
  if (found.length > 0) return found;
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
    code: 'ENOTFOUND',
    errno: -3008,
    syscall: 'getaddrinfo',
    hostname,
  });
}
