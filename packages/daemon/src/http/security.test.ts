import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { Problem } from '@netweir/api';
import { pino } from 'pino';
import WebSocket from 'ws';
import { createApp } from './app.ts';
import { FakeNetweir } from './fake-netweir.test-helper.ts';
import { ask, problemIn, start, TOKEN } from './running.test-helper.ts';

describe('the token', () => {
  for (const [what, authorization] of [
    ['no token', ''],
    ['a wrong token', 'Bearer wrong'],
    ['a token with one more letter', `Bearer ${TOKEN}x`],
    ['another scheme', `Basic ${TOKEN}`],
    ['a scheme alone', 'Bearer'],
  ] as const) {
    test(`a change with ${what} is unauthorized`, async (t) => {
      const { port, netweir } = await start(t);
      const answer = await ask(port, {
        method: 'POST',
        path: '/api/v1/restore',
        headers: { authorization },
      });
      assert.equal(problemIn(answer).code, 'unauthorized');
      assert.equal(answer.status, 401);
      assert.deepEqual(netweir.changes, []);
    });
  }

  test('a token in the address counts on the WebSocket only', async (t) => {
    const { port, netweir } = await start(t);
    const path = `/api/v1/restore?token=${TOKEN}`;
    const answer = await ask(port, { method: 'POST', path, headers: { authorization: '' } });
    assert.equal(problemIn(answer).code, 'unauthorized');
    assert.deepEqual(netweir.changes, []);
    assert.equal(await upgrade(port, `/api/v1/events?token=${TOKEN}`), 101);
    assert.equal(await upgrade(port, `/api/v1/events`, { authorization: `Bearer ${TOKEN}` }), 101);
  });

  test('a WebSocket without the token, or with a wrong one, is refused', async (t) => {
    const { port, netweir } = await start(t);
    assert.equal(await upgrade(port, '/api/v1/events'), 401);
    assert.equal(await upgrade(port, '/api/v1/events?token=wrong'), 401);
    assert.equal(netweir.watchers.size, 0);
  });

  test('an unknown address of the API does not show that it is unknown', async (t) => {
    const { port } = await start(t);
    const answer = await ask(port, { path: '/api/v1/nothing', headers: { authorization: '' } });
    assert.equal(answer.status, 401);
  });

  test('the description of the API needs none', async (t) => {
    const { port } = await start(t);
    for (const path of ['/openapi.json', '/api/v1/openapi.json']) {
      assert.equal((await ask(port, { path, headers: { authorization: '' } })).status, 200);
    }
  });
});

describe('the Host and Origin headers', () => {
  for (const headers of [
    { host: 'evil.example' },
    { host: 'evil.example:7878' },
    { host: '127.0.0.1.evil.example' },
    { host: 'localhost@evil.example' },
    { host: '192.0.2.1:7878' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { host: 'localhost:1', origin: 'http://localhost:2' },
    { host: 'localhost:1', origin: 'https://localhost:1' },
    { host: 'localhost:1', origin: 'http://localhost:1.evil.example' },
  ] as Record<string, string>[]) {
    test(`${JSON.stringify(headers)} is forbidden on every address`, async (t) => {
      const { port, netweir } = await start(t);
      for (const [method, path] of [
        ['POST', '/api/v1/restore'],
        ['GET', '/openapi.json'],
        ['GET', '/'],
      ] as const) {
        const answer = await ask(port, { method, path, headers });
        assert.equal(problemIn(answer).code, 'forbidden-host');
        assert.equal(answer.status, 403);
      }
      assert.equal(await upgrade(port, `/api/v1/events?token=${TOKEN}`, headers), 403);
      assert.deepEqual(netweir.changes, []);
    });
  }

  for (const headers of [
    { host: '127.0.0.1:7878' },
    { host: 'LOCALHOST' },
    { host: '[::1]:1', origin: 'http://[::1]:1' },
    { host: 'localhost:7878', origin: 'http://localhost:7878' },
  ] as Record<string, string>[]) {
    test(`${JSON.stringify(headers)} is accepted`, async (t) => {
      const { port } = await start(t);
      assert.equal((await ask(port, { path: '/api/v1/inventory', headers })).status, 200);
    });
  }

  test('a header cannot make TCP look like the Unix socket', async () => {
    const logger = pino({ level: 'silent' });
    const options = {
      netweir: new FakeNetweir(),
      pageDirectory: '/nonexistent',
      version: '0',
      logger,
    };
    const app = await createApp(options, TOKEN);
    const headers = { host: 'localhost', 'x-forwarded-for': 'unix:', forwarded: 'for=unix' };
    const answer = await app.inject({ url: '/api/v1/inventory', headers, remoteAddress: '' });
    assert.equal(answer.statusCode, 401);
    await app.close();
  });
});

describe('what is sent', () => {
  test('every answer carries the security headers', async (t) => {
    const { port } = await start(t);
    for (const path of ['/api/v1/inventory', '/openapi.json', '/', '/api/v1/%zz']) {
      const { headers } = await ask(port, { path });
      assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/u);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
  });

  test('what is no HTTP, or names no Host, gets a problem document as well', async (t) => {
    const { port } = await start(t);
    for (const [sent, status] of [
      ['GET / HTTP/1.0\r\n\r\n', 403],
      ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 403],
      ['nonsense\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ] as const) {
      const answer = await exchangeRaw(port, sent);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `, 'u'));
      assert.match(head, /^content-type: application\/problem\+json\r?$/imu);
      assert.equal(Problem.parse(JSON.parse(body)).status, status);
    }
  });
});

/** The status with which the server answers the wish for a WebSocket. */
function upgrade(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.close();
    });
    socket.on('error', reject);
  });
}

function exchangeRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
