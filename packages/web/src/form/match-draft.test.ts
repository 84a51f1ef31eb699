import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TrafficMatch } from '@netweir/api';
import {
  checkMatch,
  EMPTY_MATCH,
  type MatchDraft,
  type MatchErrors,
  matchDraftOf,
  matchSummary,
} from './match-draft.ts';

const FULL: TrafficMatch = {
  remote: ['192.0.2.7', '10.0.0.0/8', 'example.org'],
  local: ['10.1.0.1'],
  remotePorts: ['443', '8000-8010'],
  localPorts: ['53'],
  protocol: 'udp',
  dscp: 46,
  family: 4,
};

function errorsOf(fields: Partial<MatchDraft>): MatchErrors {
  const checked = checkMatch({ ...EMPTY_MATCH, ...fields });
  assert.ok(!checked.ok, 'it is valid');
  return checked.errors;
}

describe('the fields of a match', () => {
  test('ask for the match that they show', () => {
    assert.deepEqual(checkMatch(matchDraftOf(FULL)), { ok: true, match: FULL });
    const byNumber: TrafficMatch = { protocol: 50 };
    assert.deepEqual(checkMatch(matchDraftOf(byNumber)), { ok: true, match: byNumber });
  });

  test('take commas and spaces between the members of a list', () => {
    const draft = { ...EMPTY_MATCH, remotePorts: ' 80  443,, 8080 ' };
    assert.deepEqual(checkMatch(draft), {
      ok: true,
      match: { remotePorts: ['80', '443', '8080'] },
    });
  });

  test('say at the field which member is wrong', () => {
    assert.match(
      errorsOf({ remote: '10.0.0.1, 10.0.0.0/99' }).remote ?? '',
      /^"10\.0\.0\.0\/99" is no/u,
    );
    assert.match(errorsOf({ localPorts: '70000' }).localPorts ?? '', /^"70000" is no port/u);
    assert.match(errorsOf({ protocol: 'tpc' }).protocol ?? '', /tcp, udp/u);
    assert.match(errorsOf({ dscp: '64' }).dscp ?? '', /0 to 63/u);
  });

  test('say what is wrong with all of it', () => {
    assert.match(errorsOf({}).whole ?? '', /fill in one field/u);
    assert.match(errorsOf({ protocol: 'icmp', remotePorts: '1' }).whole ?? '', /^Ports are of/u);
    assert.match(errorsOf({ remote: '10.0.0.1', family: '6' }).whole ?? '', /in common/u);
  });
});

test('a match is told in one line', () => {
  assert.equal(
    matchSummary(FULL),
    'udp · other end 192.0.2.7, 10.0.0.0/8, example.org, port 443, 8000-8010 · this end 10.1.0.1, port 53 · DSCP 46 · IPv4',
  );
  assert.equal(matchSummary({ remotePorts: ['443'] }), 'other end port 443');
  assert.equal(matchSummary({ protocol: 50 }), 'protocol 50');
});
