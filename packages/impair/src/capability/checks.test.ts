import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Capabilities, type Check } from '@netweir/api';
import type { Abilities } from '../plan.ts';
import { examineHost } from './checks.ts';

const everything: Abilities = {
  ...{ netem: true, netemSeed: true, tbf: true, userspace: false },
  ...{ classifier: 'flower', duplicateBesideOthers: true, ifb: true },
};

function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-checks-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function checkOf({ checks }: { checks: readonly Check[] }, id: string): Check {
  return checks.find((check) => check.id === id) ?? assert.fail(`no check ${id}`);
}

describe('examineHost', () => {
  test('what it says fits the schema of the API', (t) => {
    const report = examineHost(makeDirectory(t), () => everything);
    assert.ok(Capabilities.safeParse({ version: '1', ...report }).success);
    assert.equal(report.kernel, release());
    assert.deepEqual([report.netem, report.netemSeed, report.tbf], [true, true, true]);
  });

  test('whatever is missing has a remedy', (t) => {
    const nothing: Abilities = {
      ...{ netem: false, netemSeed: false, tbf: false, userspace: false },
      ...{ classifier: undefined, duplicateBesideOthers: false, ifb: false },
    };
    const report = examineHost(makeDirectory(t), () => nothing);
    for (const { ok, id, remedy } of report.checks) assert.equal(!ok, remedy !== undefined, id);
    for (const id of ['netem', 'netem-seed', 'tbf']) {
      const { ok, needed } = checkOf(report, id);
      assert.deepEqual([ok, needed], [false, false]);
    }
    assert.match(checkOf(report, 'netem').remedy ?? '', /modprobe sch_netem/);
  });

  test('where no namespace can be made, that is the failure, and nothing is said about qdiscs', (t) => {
    const report = examineHost(makeDirectory(t), () => {
      throw new Error('unshare: EPERM');
    });
    const { ok, needed, detail, remedy } = checkOf(report, 'namespaces');
    assert.deepEqual([ok, needed, detail], [false, true, 'unshare: EPERM']);
    assert.match(remedy ?? '', /CAP_SYS_ADMIN/);
    assert.equal(report.netem, false);
    assert.ok(!report.checks.some(({ id }) => id === 'netem'));
  });

  test('a state directory is made where it is missing, and a place where it cannot be is told', (t) => {
    const directory = makeDirectory(t);
    const state = join(directory, 'state');
    const report = examineHost(state, () => everything);
    assert.ok(checkOf(report, 'state-directory').ok && existsSync(state));
    writeFileSync(join(directory, 'file'), '');
    const failed = examineHost(join(directory, 'file', 'state'), () => everything);
    const { ok, needed, remedy } = checkOf(failed, 'state-directory');
    assert.deepEqual([ok, needed], [false, true]);
    assert.match(remedy ?? '', /NETWEIR_STATE/);
  });
});
