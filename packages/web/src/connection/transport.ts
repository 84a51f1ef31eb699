import { NetweirError, type Transport } from '@netweir/api';

const REMEDY = 'See whether `netweir up` still runs on that host.';

/** Reaches the daemon that served the page. */
export function browserTransport(token: string | undefined): Transport {
  return {
    async request(method, path, body) {
      const headers: Record<string, string> = {};
      if (token !== undefined) headers.Authorization = `Bearer ${token}`;
      if (body !== undefined) headers['Content-Type'] = 'application/json';
      const answer = await reach(path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { status: answer.status, body: await readJson(answer) };
    },
    stream(path, onText, onEnd) {
      const address = new URL(path, location.href);
      address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
      // A browser cannot set headers on a WebSocket.
      if (token !== undefined) address.searchParams.set('token', token);
      const socket = new WebSocket(address);
      socket.addEventListener('message', ({ data }) => onText(String(data)));
      socket.addEventListener('close', () => onEnd());
      return Promise.resolve(() => socket.close());
    },
  };
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (cause) {
    const message = `the daemon does not answer at ${location.host}`;
    throw new NetweirError('daemon-unreachable', message, { cause, remedy: REMEDY });
  }
}

async function readJson(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (answer.status >= 500) {
      const message = `the daemon does not answer at ${location.host} (status ${answer.status})`;
      throw new NetweirError('daemon-unreachable', message, { cause, remedy: REMEDY });
    }
    throw new NetweirError('internal', `the answer to ${answer.url} is not JSON`, { cause });
  }
}
