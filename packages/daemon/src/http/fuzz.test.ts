import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Problem } from '@netweir/api';
import fc from 'fast-check';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { createApp } from './app.ts';
import { FakeNetweir } from './fake-netweir.test-helper.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('1ms', '5%', '1e9s', '-1', ''),
);
const value = fc.oneof(text, fc.jsonValue(), fc.double(), fc.constant(null));
const fields = ['mean', 'jitter', 'model', 'probability', 'p', 'rate', 'gap', 'minDelay', 'delay'];
const settings = [
  'delay',
  'loss',
  'reorder',
  'rate',
  'slot',
  'seed',
  'limitPackets',
  'ecn',
  '__proto__',
];
const record = (keys: string[], inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.dictionary(fc.constantFrom(...keys), inner);
const direction = record(settings, fc.oneof(value, record(fields, value)));

describe('whatever is sent', () => {
  test('as an impairment is either taken or refused with a problem document', async (t) => {
    const app = await appOver(t);
    const url = '/api/v1/interfaces/host/eth0/impairment';
    const bodies = fc.oneof(value, record(['egress', 'for', 'x'], direction), fc.string());
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const payload = typeof body === 'string' ? body : JSON.stringify(body);
        const headers = { 'content-type': 'application/json' };
        await neverAFault(app, { method: 'PUT', url, payload, headers });
      }),
      { numRuns: 500 },
    );
  });

  test('as an address is either found or refused with a problem document', async (t) => {
    const app = await appOver(t);
    const part = fc.oneof(
      fc.string({ unit: 'binary' }).map((raw) => encodeURIComponent(raw)),
      fc.stringMatching(/^[!-~]{0,20}$/u),
      fc.constantFrom('..', '%2e%2e%2f', 'interfaces', 'host', 'impairment', '%00', '%', '//'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        const path = ['/api/v1', ...parts].join('/');
        await neverAFault(app, { method: 'DELETE', url: { pathname: path } });
      }),
      { numRuns: 500 },
    );
  });
});

async function appOver(t: { after(done: () => Promise<void>): void }): Promise<FastifyInstance> {
  const logger = pino({ level: 'silent' });
  const options = { pageDirectory: '/nonexistent', version: '0', logger };
  const app = await createApp({ ...options, netweir: new FakeNetweir() }, undefined);
  t.after(() => app.close());
  return app;
}

async function neverAFault(app: FastifyInstance, request: InjectOptions): Promise<void> {
  const answer = await app.inject(request);
  assert.ok(answer.statusCode < 500, `${answer.statusCode}: ${answer.payload}`);
  if (answer.statusCode < 400) return;
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  assert.equal(Problem.parse(answer.json()).status, answer.statusCode);
}
