import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import {
  containerEvent,
  type FakeContainer,
  fakeDocker,
  running,
  setContainers,
  until,
  Watched,
} from './fake-engine.test-support.ts';

const A = 'aaaa';
const B = 'bbbb';

const hang = (): void => undefined;

function flood(bytes: number): (response: ServerResponse) => void {
  return (response) => {
    const piece = Buffer.alloc(1_048_576, ' ');
    let left = bytes;
    const write = (): void => {
      for (; left > 0; left -= piece.length) {
        if (!response.write(piece)) {
          left -= piece.length;
          return void response.once('drain', write);
        }
      }
      response.end('[]');
    };
    write();
  };
}

describe('the containers of an engine', { concurrency: true }, () => {
  test('are listed, and their changes follow events', async () => {
    await using engine = await fakeDocker(running(A));
    await using watched = new Watched(engine.path);
    await watched.reaches('current');
    assert.deepEqual(watched.names, ['name-of-aaaa']);
    setContainers(engine, running(A), running(B));
    engine.event(containerEvent('start', B));
    await until(() => watched.names.length === 2);
    setContainers(engine, running(B));
    engine.event(containerEvent('destroy', A));
    await until(() => watched.names.length === 1);
    assert.deepEqual(watched.names, ['name-of-bbbb']);
    assert.equal(watched.status, 'current');
  });

  test('are told of once where an event changes nothing', async () => {
    await using engine = await fakeDocker(running(A));
    await using watched = new Watched(engine.path);
    await watched.reaches('current');
    await until(() => engine.listeners === 1);
    const { changes } = watched;
    const inspections = (): number => engine.requests.filter((path) => path.includes(A)).length;
    const before = inspections();
    engine.event(containerEvent('update', A));
    engine.event(containerEvent('exec_start: true', A));
    await until(() => inspections() === before + 1);
    engine.event(containerEvent('start', B));
    await until(() => engine.requests.some((path) => path.includes(B)));
    assert.equal(watched.changes, changes);
    assert.equal(inspections(), before + 1);
  });

  test('stay as they were while it is gone, and are read again when it is back', async () => {
    await using engine = await fakeDocker(running(A));
    await using watched = new Watched(engine.path);
    await watched.reaches('current');
    await engine.stop();
    await watched.reaches('stale');
    await until(() => watched.status.includes('the socket is gone'));
    assert.deepEqual(watched.names, ['name-of-aaaa']);
    assert.notEqual(watched.view.status?.currentAt, null);
    setContainers(engine, running(B));
    await engine.listen();
    watched.source.retry();
    await watched.reaches('current');
    assert.deepEqual(watched.names, ['name-of-bbbb']);
  });

  test('are those of who listens on a socket that was made again', async () => {
    await using engine = await fakeDocker(running(A));
    await using watched = new Watched(engine.path);
    await watched.reaches('current');
    const { renameSync } = await import('node:fs');
    await using other = await fakeDocker(running(B));
    renameSync(other.path, engine.path);
    watched.source.retry();
    await until(
      () => watched.names[0] === 'name-of-bbbb',
      () => watched.status,
    );
    await watched.reaches('current');
    await other.stop();
  });

  test('are shown although one of them cannot be read', async () => {
    const wrong = { ...running(B), State: { Status: 'running', Pid: 'one' } };
    await using engine = await fakeDocker(running(A), wrong as unknown as FakeContainer);
    await using watched = new Watched(engine.path);
    await watched.reaches('stale');
    await until(() => watched.names.length === 1);
    assert.match(watched.status, /GET \/v1\.41\/containers\/bbbb\/json: .*State\.Pid/);
    setContainers(engine, running(A), running(B));
    engine.event(containerEvent('start', B));
    await watched.reaches('current');
    assert.equal(watched.names.length, 2);
  });

  test('change although the inspection of another hangs', async () => {
    await using engine = await fakeDocker(running(A), running(B));
    engine.answers.set(`/containers/${B}/json`, hang);
    await using watched = new Watched(engine.path);
    await until(() => watched.names.length === 1);
    await until(() => engine.listeners === 1);
    engine.answers.set(`/containers/${A}/json`, running(A, 77));
    engine.event(containerEvent('start', A));
    await until(() => watched.view.containers[0]?.pid === 77);
    await watched.reaches('stale');
    assert.match(watched.status, /bbbb\/json: no answer within 5 s/);
  });

  const lists: [string, (response: ServerResponse) => void, RegExp][] = [
    ['hangs', hang, /no answer within 5 s/],
    ['is not JSON', (response) => response.end('[{"Id":'), /not JSON/],
    ['is of wrong types', (response) => response.end('[{"Id":["../../etc"]}]'), /0\.Id/],
    ['has ids that are paths', (response) => response.end('[{"Id":"../../etc"}]'), /0\.Id/],
    ['has 50 MB', flood(50_000_000), /more than 16777216 bytes/],
    ['is an error', (response) => response.writeHead(500).end('{"message":"sick"}'), /500: sick/],
    ['never ends', (response) => response.write('['), /no answer within 5 s/],
    [
      'is broken off',
      (response) => {
        response.writeHead(200, { 'content-length': 100 }).write('[');
        setTimeout(() => response.destroy(), 20);
      },
      /closed the connection/,
    ],
    ['is no HTTP', (response) => response.socket?.end('SSH-2.0-x\r\n\r\n'), /GET .*containers/],
  ];
  for (const [how, answer, words] of lists) {
    test(`stay as they were where the list ${how}`, async () => {
      await using engine = await fakeDocker(running(A));
      await using watched = new Watched(engine.path);
      await watched.reaches('current');
      engine.answers.set('/containers/json', answer);
      engine.endStreams();
      await until(
        () => words.test(watched.status),
        () => watched.status,
      );
      assert.equal(watched.view.status?.state, 'stale');
      assert.deepEqual(watched.names, ['name-of-aaaa']);
      setContainers(engine, running(B));
      await watched.reaches('current');
      assert.deepEqual(watched.names, ['name-of-bbbb']);
    });
  }

  const events: [string, string, RegExp][] = [
    ['are not JSON', 'hello\n', /not JSON/],
    ['are of wrong types', '{"Type":1}\n', /unexpected answer/],
    ['never end a line', 'x'.repeat(100_000), /more than 65536 bytes/],
  ];
  for (const [how, text, words] of events) {
    test(`are read again where its events ${how}`, async () => {
      await using engine = await fakeDocker(running(A));
      await using watched = new Watched(engine.path);
      await watched.reaches('current');
      await until(() => engine.listeners === 1);
      setContainers(engine, running(B));
      engine.raw(text);
      await until(
        () => words.test(watched.status),
        () => watched.status,
      );
      await watched.reaches('current');
      assert.deepEqual(watched.names, ['name-of-bbbb']);
    });
  }

  test('are read once where there are no events', async () => {
    await using engine = await fakeDocker(running(A));
    engine.answers.set('/events', (response: ServerResponse) => response.writeHead(403).end('no'));
    await using watched = new Watched(engine.path);
    await watched.reaches('refused');
    assert.match(watched.status, /GET \/v1\.41\/events: HTTP 403/);
    assert.deepEqual(watched.names, ['name-of-aaaa']);
  });

  test('cannot be read where it refuses', async () => {
    await using engine = await fakeDocker(running(A));
    engine.answers.set('/_ping', (response: ServerResponse) => response.writeHead(403).end('no'));
    await using watched = new Watched(engine.path);
    await watched.reaches('refused');
    assert.match(watched.status, /HTTP 403: no/);
  });

  test('are not asked for where its API is too old', async () => {
    await using engine = await fakeDocker(running(A));
    engine.answers.set('/version', { ApiVersion: '1.20' });
    await using watched = new Watched(engine.path);
    await watched.reaches('stale');
    assert.match(watched.status, /Docker Engine API 1\.20 is too old: 1\.24 or newer is needed/);
  });

  test('are asked for by a version that it still knows', async () => {
    await using engine = await fakeDocker(running(A));
    engine.answers.set('/version', { ApiVersion: '1.52', MinAPIVersion: '1.44' });
    await using watched = new Watched(engine.path);
    await watched.reaches('current');
    assert.ok(engine.requests.includes('/v1.44/containers/json'));
  });

  test('are not followed any more once it is closed', async () => {
    await using engine = await fakeDocker(running(A));
    const watched = new Watched(engine.path);
    await watched.reaches('current');
    const { changes } = watched;
    await watched.source.close();
    await until(() => engine.listeners === 0);
    assert.equal(watched.changes, changes);
    assert.equal(watched.status, 'current');
  });
});

describe('the time it takes', () => {
  test('for containers that start to be told of is less than 20 ms', async (t) => {
    await using engine = await fakeDocker(running(A));
    await using watched = new Watched(engine.path);
    await watched.reaches('current');
    await until(() => engine.listeners === 1);
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      setContainers(engine, running(A, 100 + round));
      const startMs = performance.now();
      const { changes } = watched;
      engine.event(containerEvent('start', A));
      while (watched.changes === changes) await new Promise(setImmediate);
      times.push(performance.now() - startMs);
    }
    times.sort((a, b) => a - b);
    t.diagnostic(`median ${times[10]?.toFixed(1)} ms, longest ${times[19]?.toFixed(1)} ms`);
    assert.ok((times[10] ?? Infinity) < 20, times.join(' '));
  });

  test('between attempts is long enough where its events end at once', async () => {
    await using engine = await fakeDocker(running(A));
    engine.answers.set('/events', (response: ServerResponse) => response.end());
    await using watched = new Watched(engine.path);
    const startMs = performance.now();
    await until(() => performance.now() - startMs > 2000);
    const attempts = engine.requests.filter((path) => path === '/_ping').length;
    assert.ok(attempts >= 3 && attempts <= 6, `${attempts} attempts in 2 s`);
    assert.deepEqual(watched.names, ['name-of-aaaa']);
  });

  test('between attempts is long enough where its socket changes all the time', async () => {
    await using engine = await fakeDocker(running(A));
    engine.answers.set('/version', (response: ServerResponse) => response.end('{}'));
    await using watched = new Watched(engine.path);
    const startMs = performance.now();
    await until(() => {
      watched.source.retry();
      return performance.now() - startMs > 1000;
    });
    const attempts = engine.requests.filter((path) => path === '/_ping').length;
    assert.ok(attempts >= 3 && attempts <= 11, `${attempts} attempts in 1 s`);
  });
});
