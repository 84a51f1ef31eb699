import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ErrorCode } from '@netweir/api';
import { type Asked, ask, problemIn, type Running, start } from './running.test-helper.ts';

const IMPAIRMENT = '/api/v1/interfaces/host/eth0/impairment';
const LINK = '/api/v1/interfaces/host/eth0/link';
const PROBE = '/api/v1/probes/p1';

interface Malformed extends Asked {
  readonly what: string;
  readonly status: number;
  readonly code: ErrorCode;
  /** What the detail, or the remedy, must say. */
  readonly says: RegExp;
}

function put(what: string, body: unknown, code: ErrorCode, says: RegExp): Malformed {
  return {
    what,
    method: 'PUT',
    path: IMPAIRMENT,
    body: JSON.stringify(body),
    status: 400,
    code,
    says,
  };
}

const egress = (what: string, value: unknown, code: ErrorCode, says: RegExp): Malformed =>
  put(what, { egress: value }, code, says);

const delay = (mean: unknown): unknown => ({ delay: { mean } });

const QUANTITIES: Malformed[] = [
  egress('an unknown unit', delay('10parsec'), 'invalid-quantity', /unknown unit "parsec"/u),
  egress('a time without a unit', delay('100'), 'invalid-quantity', /has no unit/u),
  egress('a negative time', delay('-1ms'), 'invalid-quantity', /is negative/u),
  egress('an empty time', delay(''), 'invalid-quantity', /is empty/u),
  egress('NaN', delay('NaN'), 'invalid-quantity', /not a finite number/u),
  egress('infinity', delay('Infinityms'), 'invalid-quantity', /not a finite number/u),
  egress('an exponent', delay('1e3ms'), 'invalid-quantity', /has an exponent/u),
  egress('less than a nanosecond', delay('0.1ns'), 'invalid-quantity', /finer than a nanosecond/u),
  egress('far too long a time', delay('999999999999h'), 'invalid-quantity', /too large/u),
  egress(
    '10mbps',
    { rate: { rate: '10mbps' } },
    'invalid-quantity',
    /^write 10mbit for bits or 10MB\/s for bytes$/mu,
  ),
  egress('a rate of zero', { rate: { rate: '0bit' } }, 'invalid-quantity', /below 8bit/u),
  egress(
    'more than 100%',
    { loss: { model: 'random', probability: '101%' } },
    'invalid-quantity',
    /more than 100%/u,
  ),
  egress(
    'a probability without %',
    { loss: { model: 'random', probability: '0.5' } },
    'invalid-quantity',
    /has no %/u,
  ),
  egress(
    'a wrong quantity within a union',
    { slot: { minDelay: '10' } },
    'invalid-quantity',
    /egress\.slot\.minDelay: "10" has no unit/u,
  ),
  put(
    'a lease without a unit',
    { egress: {}, for: '5' },
    'invalid-quantity',
    /for: "5" has no unit/u,
  ),
];

const SHAPES: Malformed[] = [
  put('no direction', {}, 'invalid-request', /give egress, ingress, or a rule/u),
  put(
    'an unknown key',
    { egress: {}, sideways: {} },
    'invalid-request',
    /Unrecognized key: "sideways"/u,
  ),
  egress('an unknown inner key', { latency: '1ms' }, 'invalid-request', /egress: .*"latency"/u),
  egress(
    'a number for a time',
    delay(100),
    'invalid-request',
    /egress\.delay\.mean: .*expected string, received number/u,
  ),
  egress('null for a direction', null, 'invalid-request', /egress: .*received null/u),
  egress('an unknown loss model', { loss: { model: 'x' } }, 'invalid-request', /egress\.loss/u),
  egress(
    'a fraction of a packet',
    { limitPackets: 1.5 },
    'invalid-request',
    /egress\.limitPackets/u,
  ),
  egress(
    'a seed above 64 bits',
    { seed: '99999999999999999999' },
    'invalid-request',
    /egress\.seed/u,
  ),
  egress(
    'two wrong fields',
    { delay: { mean: 1 }, ecn: 'yes' },
    'invalid-request',
    /egress\.delay\.mean.*egress\.ecn/u,
  ),
  put('an array', [], 'invalid-request', /expected object, received array/u),
  put('a text', 'egress', 'invalid-request', /expected object, received string/u),
  egress(
    'a reorder without a delay',
    { reorder: { probability: '1%' } },
    'invalid-combination',
    /needs a delay/u,
  ),
  egress(
    'too large a jitter',
    { delay: { mean: '9s', jitter: '3s' } },
    'invalid-combination',
    /2\.147483647s/u,
  ),
  egress('ecn without a loss', { ecn: true }, 'invalid-combination', /ecn needs a loss/u),
];

function body(
  what: string,
  text: string,
  changed: Partial<Malformed> & { says: RegExp },
): Malformed {
  const base = { method: 'PUT', path: IMPAIRMENT, status: 400, code: 'invalid-request' } as const;
  return { what, ...base, body: text, ...changed };
}

const BODIES: Malformed[] = [
  body('broken JSON', '{"egress":', { says: /is not JSON/u }),
  body('a poisoned prototype', '{"egress":{},"__proto__":{}}', { says: /is not JSON/u }),
  body('an empty body declared as JSON', '', { says: /body is empty/u }),
  body('plain text', '{"egress":{}}', {
    headers: { 'content-type': 'text/plain' },
    status: 415,
    says: /application\/json/u,
  }),
  body('a form', 'egress=1', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    says: /application\/json/u,
  }),
  body('a huge body', JSON.stringify({ egress: {}, for: 'x'.repeat(70_000) }), {
    status: 413,
    code: 'request-too-large',
    says: /64 KiB/u,
  }),
  {
    what: 'no body at all',
    method: 'PUT',
    path: IMPAIRMENT,
    status: 400,
    code: 'invalid-request',
    says: /expected object, received null/u,
  },
  body('a body for restore', '{"target":"eth0"}', {
    method: 'POST',
    path: '/api/v1/restore',
    says: /takes no body/u,
  }),
  body('a body for a clear', '{"egress":{}}', { method: 'DELETE', says: /takes no body/u }),
  body('a link state that is none', '{"state":"sideways"}', {
    method: 'POST',
    path: LINK,
    says: /state: .*"up"\|"down"/u,
  }),
  body('a link without a state', '{}', { method: 'POST', path: LINK, says: /state/u }),
];

function probe(
  what: string,
  changed: object,
  code: ErrorCode,
  says: RegExp,
  path = PROBE,
): Malformed {
  const request = { space: 'host', address: '192.0.2.1', ...changed };
  return { what, method: 'PUT', path, body: JSON.stringify(request), status: 400, code, says };
}

const PROBES: Malformed[] = [
  probe(
    'a name for an address',
    { address: 'example.org' },
    'invalid-request',
    /address: is not an IPv4 or IPv6 address/u,
  ),
  probe(
    'an address out of range',
    { address: '192.0.2.256' },
    'invalid-request',
    /address: is not an IPv4/u,
  ),
  probe('too short an interval', { interval: '1ms' }, 'invalid-quantity', /not from 50ms to 1m/u),
  probe('too long an interval', { interval: '2m' }, 'invalid-quantity', /not from 50ms to 1m/u),
  probe('an interval without a unit', { interval: '250' }, 'invalid-quantity', /has no unit/u),
  probe(
    'a space of an unknown kind',
    { space: 'planet:mars' },
    'invalid-target',
    /no space that netweir knows/u,
  ),
  probe(
    'a space that leads elsewhere',
    { space: 'netns:../x' },
    'invalid-target',
    /cannot be the name/u,
  ),
  probe('a pattern of spaces', { space: 'netns:*' }, 'invalid-target', /is a pattern/u),
  probe('an id with a space', {}, 'invalid-request', /id: /u, '/api/v1/probes/a%20b'),
  probe(
    'an id that is too long',
    {},
    'invalid-request',
    /id: /u,
    `/api/v1/probes/${'x'.repeat(65)}`,
  ),
];

function target(what: string, path: string, says: RegExp): Malformed {
  return {
    what,
    method: 'PUT',
    path: `/api/v1/interfaces/${path}/impairment`,
    body: '{"egress":{}}',
    status: 400,
    code: 'invalid-target',
    says,
  };
}

const TARGETS: Malformed[] = [
  target('a name of 16 bytes', 'host/abcdefghijklmnop', /longer than 15 bytes/u),
  target(
    'a name of 6 characters and 18 bytes',
    `host/${encodeURIComponent('€€€€€€')}`,
    /longer than 15/u,
  ),
  target('..', 'host/..', /cannot be the name of an interface/u),
  target('%2e%2e', 'host/%2e%2e', /cannot be the name of an interface/u),
  target('../ encoded', 'host/%2e%2e%2feth0', /cannot be the name of an interface/u),
  target('../ half encoded', 'host/..%2Feth0', /cannot be the name of an interface/u),
  target('a space that climbs', 'netns:..%2F..%2Fetc/eth0', /cannot be the name/u),
  target('half a pod', 'pod:shop/cart-0', /a pod is written/u),
  target('a space ..', 'netns:../eth0', /cannot be the name of a namespace/u),
  target('a space that holds an interface', 'host%2Feth0/x', /cannot be the name of an interface/u),
  target('an empty space', '/eth0', /no space that netweir knows/u),
  target('an empty name', 'host/', /interface name is empty/u),
  target('an empty name of a namespace', 'netns:/eth0', /cannot be the name of a namespace/u),
  target('an unknown kind of space', 'moon:base/eth0', /no space that netweir knows/u),
  target('a kind without a colon', 'netnsx/eth0', /no space that netweir knows/u),
  target('a pattern of names', 'host/eth*', /is a pattern/u),
  target('a pattern of spaces', 'netns:lab-%3F/eth0', /is a pattern/u),
  target('a blank in a name', 'host/eth%200', /cannot be the name of an interface/u),
  target('a NUL in a name', 'host/eth0%00', /cannot be the name of an interface/u),
  target('a NUL in a space', 'netns:a%00/eth0', /cannot be the name of a namespace/u),
];

const ROUTES: Malformed[] = [
  {
    what: 'an unknown route',
    path: '/api/v1/nothing',
    status: 404,
    code: 'no-such-route',
    says: /GET \/api\/v1\/nothing/u,
  },
  {
    what: 'an unknown version',
    path: '/api/v2/inventory',
    status: 404,
    code: 'no-such-route',
    says: /no GET/u,
  },
  {
    what: 'a path that climbs out',
    method: 'PUT',
    path: '/api/v1/interfaces/../../../etc/passwd',
    body: '{}',
    status: 404,
    code: 'no-such-route',
    says: /no PUT/u,
  },
  {
    what: 'a wrong method',
    method: 'POST',
    path: IMPAIRMENT,
    body: '{"egress":{}}',
    status: 405,
    code: 'no-such-route',
    says: /no POST/u,
  },
  {
    what: 'a wrong method on restore',
    path: '/api/v1/restore',
    status: 405,
    code: 'no-such-route',
    says: /no GET/u,
  },
  {
    what: 'a method that HTTP has not',
    method: 'PROPFIND',
    path: IMPAIRMENT,
    status: 404,
    code: 'no-such-route',
    says: /no PROPFIND/u,
  },
  {
    what: 'a broken percent encoding',
    method: 'DELETE',
    path: '/api/v1/interfaces/host/%zz/impairment',
    status: 400,
    code: 'invalid-request',
    says: /hexadecimal/u,
  },
  {
    what: 'broken UTF-8',
    method: 'DELETE',
    path: '/api/v1/interfaces/host/%ff/impairment',
    status: 400,
    code: 'invalid-request',
    says: /hexadecimal|UTF-8/u,
  },
  {
    what: 'an endless name',
    method: 'DELETE',
    path: `/api/v1/interfaces/host/${'x'.repeat(5_000)}/impairment`,
    status: 404,
    code: 'no-such-route',
    says: /no DELETE/u,
  },
  {
    what: 'the events without a WebSocket',
    path: '/api/v1/events',
    status: 426,
    code: 'invalid-request',
    says: /is a WebSocket/u,
  },
];

describe('a malformed request', () => {
  let running: Running;
  const cleanups: (() => Promise<void>)[] = [];
  before(async () => {
    running = await start({ after: (done) => void cleanups.push(done as () => Promise<void>) });
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  const all = [QUANTITIES, SHAPES, BODIES, PROBES, TARGETS, ROUTES].flat();
  for (const { what, status, code, says, ...asked } of all) {
    test(`${asked.method ?? 'GET'} with ${what} is refused as ${code} and changes nothing`, async () => {
      const answer = await ask(running.port, asked);
      const problem = problemIn(answer);
      assert.equal(problem.code, code);
      assert.equal(answer.status, status);
      assert.match(`${problem.detail}\n${problem.remedy ?? ''}`, says);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.deepEqual(running.netweir.changes, []);
    });
  }

  test('a wrong method is told which ones there are', async () => {
    const answer = await ask(running.port, { method: 'PATCH', path: IMPAIRMENT });
    assert.equal(answer.headers.allow, 'GET, HEAD, PUT, DELETE');
  });

  test('every wrong field is listed by its path', async () => {
    const answer = await ask(running.port, {
      method: 'PUT',
      path: IMPAIRMENT,
      body: '{"egress":{"delay":{"mean":"1"},"rate":{"rate":"2"}}}',
    });
    const { code, fields } = problemIn(answer);
    assert.equal(code, 'invalid-request');
    assert.deepEqual(
      fields?.map(({ path }) => path),
      ['egress.delay.mean', 'egress.rate.rate'],
    );
  });

  test('nothing of all this was a fault of the daemon', () => {
    assert.deepEqual(running.log, []);
  });
});
