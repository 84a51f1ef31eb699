import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { NOWHERE } from './support/containers/config.ts';
import { Docker } from './support/containers/docker.ts';
import { Machine } from './support/containers/machine.ts';
import { IMAGE } from './support/containers/runtime.ts';
import { Daemon, Site } from './support/daemon.ts';
import { until } from './support/witness.ts';

const CURRENT_WITHIN_MS = 1000;
/** A page asks for it; it must not wait for any runtime. */
const ANSWER_WITHIN_MS = 300;
const NOTICED_WITHIN_MS = 20_000;

/** A server on a Unix socket that does `act` with each connection. */
async function serve(path: string, act: (socket: Socket) => void): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    act(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a runtime that hangs and one that answers rubbish keep nobody from the third', async () => {
  const machine = new Machine();
  try {
    const hanging = machine.path('hanging.sock');
    const rubbish = machine.path('rubbish.sock');
    await using _hanging = await serve(hanging, (socket) => socket.resume());
    await using _rubbish = await serve(rubbish, (socket) =>
      socket.on('data', () => socket.write(randomBytes(10_000))),
    );
    await using docker = await Docker.start(machine);
    const sockets = [hanging, rubbish, docker.socket];
    const config = { containers: { ...NOWHERE, docker: { socket: sockets } } };
    using site = new Site({ namespace: machine.namespace, config });
    await using daemon = await Daemon.start(site);

    const inventory = async () => {
      const late = new Promise<never>((_, reject) => {
        setTimeout(reject, ANSWER_WITHIN_MS, new Error('the inventory keeps us waiting')).unref();
      });
      return Promise.race([daemon.netweir.inventory(), late]);
    };
    const stateOf = async (path: string) =>
      (await inventory()).runtimes.find(({ endpoint }) => endpoint.endsWith(path));

    for (const name of ['one', 'two', 'three']) {
      await docker.client('run', '--detach', '--name', name, IMAGE, 'sleep', '1000');
      await until(`${name} is shown`, CURRENT_WITHIN_MS, async () =>
        (await inventory()).spaces.some(({ id }) => id === `docker:${name}`),
      );
    }
    assert.equal((await stateOf(docker.socket))?.state, 'current');
    for (const path of [hanging, rubbish]) {
      await until(`${path} is told apart`, NOTICED_WITHIN_MS, async () => {
        const status = await stateOf(path);
        return status?.state === 'stale' && status.detail !== null;
      });
    }
    assert.equal(await daemon.stop(), 0);
  } finally {
    machine[Symbol.dispose]();
  }
});
