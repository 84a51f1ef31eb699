import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DECODERS, NO_DECODERS } from './decoders.ts';

const PACKAGES = ['kernel', 'impair', 'lab', 'discovery', 'api'];
const DECODER = /^export (?:async )?(?:function\*?|const) ((?:parse|decode|read)(?:[A-Z]\w*)?)\b/gm;
/** What a query's answers are read by: `listTables` of nftables. */
const QUERY = /^export function (\w+)\([\s\S]*?\n\}/gm;

/** Every exported parse…, decode… and read… of these packages, by file and name. */
function decodersIn(name: string): string[] {
  const folder = `packages/${name}/src`;
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => /\.ts$/.test(file) && !/\.(test|test-support)\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const queries = [...text.matchAll(QUERY)]
        .filter(([body]) => body.includes('return nftQuery('))
        .map(([, query]) => query);
      const decoders = [...text.matchAll(DECODER)].map(([, decoder]) => decoder);
      return [...decoders, ...queries].map((decoder) => `${name}/${file} ${decoder}`);
    });
}

const found = PACKAGES.flatMap(decodersIn).sort();

test('every exported parse…, decode… and read… function gets mutated messages, or has a reason not to', () => {
  assert.ok(found.length > 60, `${found.length} functions`);
  const covered = new Set(DECODERS.flatMap(({ covers }) => covers));
  const forgotten = found.filter((name) => !covered.has(name) && !Object.hasOwn(NO_DECODERS, name));
  assert.deepEqual(forgotten, [], 'add them to tests/src/fuzz/*-decoders.ts');
});

test('the tables name nothing that is not there, and nothing twice', () => {
  const named = [...DECODERS.flatMap(({ covers }) => covers), ...Object.keys(NO_DECODERS)];
  const known = new Set([
    ...found,
    ...decodersIn('daemon'),
    'kernel/conntrack/conntrack.ts countConntrack',
  ]);
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
  const names = DECODERS.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});
