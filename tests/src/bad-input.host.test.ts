import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { Problem } from '@netweir/api';
import { netweir } from './support/command.ts';
import { Daemon, Site } from './support/daemon.ts';
import { run, TestNamespace, tcState } from './support/witness.ts';

let namespace: TestNamespace;
let site: Site;
let daemon: Daemon;
let original: string;

before(async () => {
  namespace = new TestNamespace('bad');
  namespace.ip('link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1');
  namespace.ip('link', 'set', 'a0', 'up');
  original = tcState(namespace.name, 'a0');
  site = new Site();
  daemon = await Daemon.start(site);
});

after(async () => {
  await daemon.stop();
  site[Symbol.dispose]();
  namespace[Symbol.dispose]();
});

const unchanged = (): void => {
  assert.equal(tcState(namespace.name, 'a0'), original);
  assert.match(run('tc', 'qdisc', 'show', 'dev', 'lo'), /noqueue/u);
};

/** Each refusal's words, to see that no two different faults are told the same. */
const told = new Map<string, string>();

function isItsOwn(what: string, words: string): void {
  const other = told.get(words);
  assert.equal(other, undefined, `"${what}" is told in the same words as "${other}": ${words}`);
  told.set(words, what);
}

function send(
  method: string,
  path: string,
  body: string,
): Promise<{ status: number; type: string; text: string }> {
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: site.socketPath, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text,
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const egress = (direction: unknown): string => JSON.stringify({ egress: direction });
const rate = (text: unknown): string => egress({ rate: { rate: text } });
const delay = (text: unknown, more: object = {}): string =>
  egress({ delay: { mean: text, ...more } });

/** [what, body of a PUT, code, words of the detail or remedy] */
const bodies: [string, string, string, RegExp][] = [
  [
    'bits or bytes',
    rate('10mbps'),
    'invalid-quantity',
    /write 10mbit for bits or 10MB\/s for bytes/u,
  ],
  ['a rate without a unit', rate('10'), 'invalid-quantity', /no unit/u],
  ['a negative rate', rate('-1mbit'), 'invalid-quantity', /negative/u],
  ['a rate of nothing', rate('0bit'), 'invalid-quantity', /below 8bit/u],
  ['an unknown unit', delay('10parsec'), 'invalid-quantity', /unknown unit "parsec"/u],
  ['a negative delay', delay('-10ms'), 'invalid-quantity', /"-10ms" is negative/u],
  ['NaN', delay('NaN'), 'invalid-quantity', /not a finite number/u],
  ['an exponent', delay('1e3ms'), 'invalid-quantity', /exponent/u],
  ['an empty delay', delay(''), 'invalid-quantity', /is empty/u],
  ['a number instead of a text', delay(100), 'invalid-request', /egress\.delay\.mean/u],
  ['null', delay(null), 'invalid-request', /received null/u],
  [
    'a delay finer than a nanosecond',
    delay('0.1ns'),
    'invalid-quantity',
    /finer than a nanosecond/u,
  ],
  ['a delay beyond all bounds', delay('99999999999h'), 'invalid-quantity', /too large/u],
  ['a jitter above the kernel', delay('9s', { jitter: '3s' }), 'invalid-combination', /2\.147/u],
  [
    'an unknown shape',
    delay('9ms', { jitter: '1ms', distribution: 'cauchy' }),
    'invalid-request',
    /distribution/u,
  ],
  [
    'a shape without a jitter',
    delay('9ms', { distribution: 'normal' }),
    'invalid-combination',
    /needs a jitter/u,
  ],
  [
    'a loss above 100%',
    egress({ loss: { model: 'random', probability: '101%' } }),
    'invalid-quantity',
    /100%/u,
  ],
  [
    'a loss without %',
    egress({ loss: { model: 'random', probability: '0.1' } }),
    'invalid-quantity',
    /no %/u,
  ],
  ['an unknown model', egress({ loss: { model: 'luck', p: '1%' } }), 'invalid-request', /model/u],
  ['a model without its number', egress({ loss: { model: 'state' } }), 'invalid-request', /p13/u],
  [
    'reorder without a delay',
    egress({ reorder: { probability: '5%' } }),
    'invalid-combination',
    /reorder needs a delay/u,
  ],
  ['ecn without a loss', egress({ ecn: true }), 'invalid-combination', /ecn needs a loss/u],
  [
    'a gap of nothing',
    egress({ delay: { mean: '1ms' }, reorder: { probability: '5%', gap: 0 } }),
    'invalid-request',
    /gap/u,
  ],
  ['a queue for nothing', egress({ limitPackets: 0 }), 'invalid-request', /limitPackets/u],
  ['a seed that is no number', egress({ seed: 'lucky' }), 'invalid-request', /seed/u],
  [
    'a slot that ends before it begins',
    egress({ slot: { minDelay: '2ms', maxDelay: '1ms' } }),
    'invalid-combination',
    /slot/u,
  ],
  ['an unknown key', egress({ latency: '1ms' }), 'invalid-request', /latency/u],
  [
    'an unknown key outside',
    JSON.stringify({ egress: {}, sideways: {} }),
    'invalid-request',
    /sideways/u,
  ],
  ['nothing at all to do', egress({}), 'invalid-combination', /asks for nothing/u],
  ['no egress', '{}', 'invalid-request', /egress/u],
  ['a list', '[]', 'invalid-request', /object/u],
  ['half a document', '{"egress":', 'invalid-request', /JSON/u],
  [
    'a lease without a unit',
    JSON.stringify({ egress: { rate: { rate: '1mbit' } }, for: '5' }),
    'invalid-quantity',
    /"5" has no unit/u,
  ],
  [
    'a lease of nothing',
    JSON.stringify({ egress: { rate: { rate: '1mbit' } }, for: '0ms' }),
    'invalid-quantity',
    /too short/u,
  ],
];

describe('a malformed body', () => {
  for (const [what, body, code, words] of bodies) {
    test(`with ${what} is refused in its own words and changes nothing`, async () => {
      const path = `/api/v1/interfaces/${namespace.space}/a0/impairment`;
      const { status, type, text } = await send('PUT', path, body);
      const problem = Problem.parse(JSON.parse(text));
      assert.match(type, /^application\/problem\+json/u);
      assert.equal(problem.code, code, text);
      assert.equal(status, problem.status);
      assert.match(`${problem.detail} ${problem.remedy ?? ''}`, words);
      isItsOwn(what, `${problem.detail} ${problem.remedy ?? ''}`);
      unchanged();
    });
  }
});

/** [what, SPACE/NAME as in the path, code, words] */
const targets: [string, string, string, RegExp][] = [
  ['a name of 16 characters', 'host/sixteen-chars-xx', 'invalid-target', /longer than 15/u],
  ['a way out of the path', 'host/..%2F..%2Fetc', 'invalid-target', /cannot be the name/u],
  ['a namespace outside', 'netns:..%2Fx/eth0', 'invalid-target', /namespace/u],
  ['an unknown kind of space', 'vm:web/eth0', 'invalid-target', /no space that netweir knows/u],
  ['a glob', 'host/eth*', 'invalid-target', /\*/u],
  ['a missing interface', 'host/nope0', 'no-such-interface', /no interface nope0/u],
  ['a missing namespace', 'netns:nope/eth0', 'no-such-space', /no space netns:nope/u],
  ['white space', 'host/a%20b', 'invalid-target', /a b/u],
];

describe('a malformed target', () => {
  for (const [what, path, code, words] of targets) {
    test(`with ${what} is refused in its own words and changes nothing`, async () => {
      const { text } = await send('PUT', `/api/v1/interfaces/${path}/impairment`, rate('1mbit'));
      const problem = Problem.parse(JSON.parse(text));
      assert.equal(problem.code, code, text);
      assert.match(problem.detail, words);
      isItsOwn(what, problem.detail);
      unchanged();
    });
  }

  test('whose namespace has just vanished is refused', async () => {
    const vanishing = new TestNamespace('gone');
    vanishing.ip('link', 'add', 'g0', 'type', 'veth', 'peer', 'name', 'g1');
    vanishing[Symbol.dispose]();
    const { text } = await send(
      'PUT',
      `/api/v1/interfaces/${vanishing.space}/g0/impairment`,
      rate('1mbit'),
    );
    assert.equal(Problem.parse(JSON.parse(text)).code, 'no-such-space');
  });
});

/** [what, arguments, exit code, words on standard error] */
const commands: [string, string[], number, RegExp][] = [
  [
    'an ambiguous rate',
    ['set', 'T', '--rate', '10mbps'],
    2,
    /write 10mbit for bits or 10MB\/s for bytes/u,
  ],
  ['a delay without a unit', ['set', 'T', '--delay', '100'], 2, /no unit/u],
  ['a negative delay', ['set', 'T', '--delay=-1ms'], 2, /negative/u],
  ['NaN', ['set', 'T', '--delay', 'NaN'], 2, /finite/u],
  ['a loss above 100%', ['set', 'T', '--loss', '150%'], 2, /100%/u],
  ['an unknown flag', ['set', 'T', '--dely', '1ms'], 2, /--delay/u],
  ['no flag', ['set', 'T'], 2, /netweir/u],
  ['no target', ['set'], 2, /target/iu],
  ['a jitter alone', ['set', 'T', '--jitter', '1ms'], 2, /delay/u],
  ['an unknown command', ['sett', 'T'], 2, /set/u],
  ['a port that is none', ['up', '--port', '99999'], 2, /99999/u],
  ['a limit that is no number', ['set', 'T', '--limit', 'many'], 2, /limit/u],
  ['a long name', ['set', 'host/sixteen-chars-xx', '--rate', '1mbit'], 2, /15 bytes/u],
  ['a missing interface', ['set', 'host/nope0', '--rate', '1mbit'], 1, /nope0/u],
  ['a missing space', ['set', 'netns:nope', '--rate', '1mbit'], 1, /netns:nope/u],
  ['half a missing selection', ['set', 'T', 'host/nope0', '--rate', '1mbit'], 1, /nope0/u],
];

describe('a malformed command', () => {
  for (const [what, args, code, words] of commands) {
    test(`with ${what} ends with ${code}, says what is wrong, and changes nothing`, async () => {
      const target = `${namespace.space}/a0`;
      const finished = await netweir(site, ...args.map((arg) => (arg === 'T' ? target : arg)));
      assert.equal(finished.code, code, finished.stderr);
      assert.match(finished.stderr, words);
      unchanged();
    });
  }
});
