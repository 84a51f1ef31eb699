import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { NetweirError } from '@netweir/api';
import { configFilesOf } from './files.ts';
import { loadConfig } from './load.ts';
import { parseConfig } from './read.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'netweir-config-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const isInvalid =
  (...says: RegExp[]): ((error: unknown) => true) =>
  (error) => {
    assert.ok(error instanceof NetweirError);
    assert.equal(error.code, 'invalid-config');
    for (const one of says) assert.match(error.message, one);
    assert.ok(error.remedy);
    return true;
  };

const WRONG: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['what is no JSON5', '{\n  rules: }', /^c\.json5:2:10: invalid character '}'$/],
  ['half a text', '{ rules: {', /^c\.json5:1:11: invalid end of input$/],
  ['an unknown key', '{\n  dockr: {}\n}', /^c\.json5:2:3: dockr: is no key here$/],
  [
    'an unknown key deep inside',
    '{ containers: {\n    docker: { sokket: "auto" } } }',
    /^c\.json5:2:15: containers\.docker\.sokket: is no key here$/,
  ],
  [
    'a value of another kind',
    '{ containers: { docker: { enabled: "yes" } } }',
    /^c\.json5:1:27: containers\.docker\.enabled: .*boolean/,
  ],
  [
    'a quantity without a unit',
    '{ rules: { slow: { match: { name: "*" },\n impairment: { egress: { delay: { mean: "100" } } } } } }',
    /^c\.json5:2:35: rules\.slow\.impairment\.egress\.delay\.mean: .*no unit/,
  ],
  [
    'a rule without a condition',
    '{ rules: { slow: {\n match: {}, impairment: { egress: { ecn: true } } } } }',
    /^c\.json5:2:2: rules\.slow\.match: give at least one condition/,
  ],
  [
    'a name that a rule cannot have',
    '{ rules: {\n "my rule": { match: { name: "*" }, impairment: { egress: { ecn: true } } } } }',
    /^c\.json5:2:2: rules\["my rule"\]: the name of a rule is of letters, digits/,
  ],
  [
    'settings that contradict each other',
    '{ rules: { "a.b": { match: { name: "*" },\n impairment: { egress: { reorder: { probability: "1%" } } } } } }',
    /^c\.json5:2:2: rules\["a\.b"\]\.impairment: reorder needs a delay/,
  ],
  [
    'a rule that asks for nothing',
    '{ rules: { a: { match: { name: "*" }, impairment: { egress: { delay: { mean: "0ms" } } } } } }',
    /rules\.a\.impairment: the impairment asks for nothing/,
  ],
  [
    'a lease of no time',
    '{ rules: { a: { match: { name: "*" }, impairment: { for: "0ms", egress: { delay: { mean: "1ms" } } } } } }',
    /rules\.a\.impairment: "0ms" is too short for a lease/,
  ],
  ['a text', '"rules"', /^c\.json5:1:1: .*object/],
];

describe('a configuration', () => {
  for (const [what, text, says] of WRONG) {
    test(`with ${what} is refused, by file, line and key`, () => {
      assert.throws(() => parseConfig(text, 'c.json5'), isInvalid(says));
    });
  }

  test('with several faults names them all', () => {
    const text = '{ a: 1,\n containers: { cri: { enabled: 1 } } }';
    const says = [/^c\.json5:1:3: a: /mu, /^c\.json5:2:23: containers\.cri\.enabled: /mu];
    assert.throws(() => parseConfig(text, 'c.json5'), isInvalid(...says));
  });

  test('that is missing or empty is one without any values', (t) => {
    const path = join(folder(t), 'config.json5');
    assert.deepEqual(loadConfig([{ path, needed: false }]), {});
    writeFileSync(path, '\n');
    assert.deepEqual(loadConfig([{ path, needed: true }]), {});
  });

  test('that is named but not there, or is no file, is an error', (t) => {
    const directory = folder(t);
    const path = join(directory, 'config.json5');
    assert.throws(() => loadConfig([{ path, needed: true }]), isInvalid(/cannot be read/));
    assert.throws(
      () => loadConfig([{ path: directory, needed: false }]),
      isInvalid(/cannot be read: EISDIR/),
    );
  });

  test("of a user wins over the system's, key by key, and its rules come first", (t) => {
    const directory = folder(t);
    const system = { path: join(directory, 'system.json5'), needed: false };
    const user = { path: join(directory, 'user.json5'), needed: false };
    const rule = (mean: string): string =>
      `{ match: { name: 'web' }, impairment: { egress: { delay: { mean: '${mean}' } } } }`;
    writeFileSync(
      system.path,
      `{ containers: { docker: { enabled: false, socket: ['a', 'b'] }, labels: { enabled: true } },
         rules: { one: ${rule('1ms')}, two: ${rule('2ms')} } }`,
    );
    writeFileSync(
      user.path,
      `{ containers: { docker: { socket: ['c'] }, cri: { enabled: false } },
         rules: { three: ${rule('3ms')}, one: ${rule('4ms')} } }`,
    );
    const { containers, rules } = loadConfig([system, user]);
    assert.deepEqual(containers, {
      docker: { enabled: false, socket: ['c'] },
      labels: { enabled: true },
      cri: { enabled: false },
    });
    const means = Object.entries(rules ?? {}).map(([name, { impairment }]) => [
      name,
      impairment.egress?.delay?.mean,
    ]);
    assert.deepEqual(means, [
      ['three', '3ms'],
      ['one', '4ms'],
      ['two', '2ms'],
    ]);
  });
});

describe('where the configuration is', () => {
  const system = { path: '/etc/netweir/config.json5', needed: false };
  for (const [what, environment, files] of [
    [
      'the system and the home of the user',
      { HOME: '/home/ann' },
      [system, { path: '/home/ann/.config/netweir/config.json5', needed: false }],
    ],
    [
      'XDG_CONFIG_HOME in place of ~/.config',
      { HOME: '/home/ann', XDG_CONFIG_HOME: '/xdg' },
      [system, { path: '/xdg/netweir/config.json5', needed: false }],
    ],
    [
      'not a relative XDG_CONFIG_HOME',
      { HOME: '/home/ann', XDG_CONFIG_HOME: 'xdg' },
      [system, { path: '/home/ann/.config/netweir/config.json5', needed: false }],
    ],
    [
      'only what NETWEIR_CONFIG names',
      { HOME: '/home/ann', NETWEIR_CONFIG: '/srv/n.json5' },
      [{ path: '/srv/n.json5', needed: true }],
    ],
  ] as const) {
    test(`is ${what}`, () => assert.deepEqual(configFilesOf(environment), files));
  }

  test('may be folders that are not there', (t) => {
    const directory = folder(t);
    mkdirSync(join(directory, 'a'));
    writeFileSync(join(directory, 'a', 'file'), '');
    const path = join(directory, 'a', 'file', 'config.json5');
    assert.deepEqual(loadConfig([{ path, needed: false }]), {});
  });
});
