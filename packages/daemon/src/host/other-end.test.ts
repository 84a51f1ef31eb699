import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Impairment, ImpairmentReport } from '@netweir/api';
import { isNetweirError } from '@netweir/api';
import { asksIngress, divideEnds, mirroredMatch, withOtherEnd } from './other-end.ts';

const SLOW = { delay: { mean: '10ms' } };
const LOSSY = { loss: { model: 'random', probability: '1%' } } as const;
const WEB = { remote: ['10.0.0.0/8'], remotePorts: ['443'], protocol: 'tcp' } as const;
const MIRRORED_WEB = { local: ['10.0.0.0/8'], localPorts: ['443'], protocol: 'tcp' } as const;

const IDLE: ImpairmentReport = {
  ...{ space: 'netns:a', interface: 'v0', ifindex: 2, egress: null, ingress: null, rules: [] },
  ...{ guarded: [], provisionalUntil: null, egressMechanism: null, ingressMechanism: null },
  ...{ original: null, expiresAt: null, owner: null, persist: false, changedElsewhere: null },
  ...{ egressCounters: null, ingressCounters: null },
};

test('each end does what it sends, as it sees the packets', () => {
  const asked: Impairment = {
    ...{ egress: SLOW, ingress: LOSSY, engine: 'kernel' },
    rules: [
      { match: { remote: ['10.9.0.1'] }, exclude: true },
      { match: { ...WEB, remote: ['10.0.0.0/8'], remotePorts: ['443'] }, ingress: SLOW },
      { match: { localPorts: ['80'] }, egress: LOSSY },
    ],
  };
  assert.ok(asksIngress(asked));
  assert.ok(!asksIngress({ egress: SLOW, rules: [{ match: {}, egress: SLOW }] }));
  assert.deepEqual(divideEnds(asked), {
    own: {
      ...{ egress: SLOW, engine: 'kernel' },
      rules: [
        { match: { remote: ['10.9.0.1'] }, exclude: true },
        { match: { localPorts: ['80'] }, egress: LOSSY },
      ],
    },
    other: {
      ...{ egress: LOSSY, engine: 'kernel' },
      rules: [
        { match: { local: ['10.9.0.1'] }, exclude: true },
        { match: MIRRORED_WEB, egress: SLOW },
      ],
    },
  });
  const { own } = divideEnds({ ingress: SLOW, rules: [{ match: {}, exclude: true }] });
  assert.equal(own, undefined);
});

test('a match is itself again after it was mirrored twice', () => {
  const match = { ...WEB, remote: ['10.0.0.0/8'], remotePorts: ['443'], dscp: 46 };
  assert.deepEqual(mirroredMatch(mirroredMatch(match)), match);
});

test('a rule that names a host is refused: nobody would follow its addresses', () => {
  const named: Impairment = { rules: [{ match: { remote: ['example.org'] }, ingress: SLOW }] };
  assert.throws(
    () => divideEnds(named),
    (error) => isNetweirError(error) && error.code === 'invalid-combination',
  );
});

test('a report tells what the other end does, and where', () => {
  const rule = { exclude: false, egressCounters: null, ingressCounters: null };
  const report = withOtherEnd(
    {
      ...IDLE,
      egress: SLOW,
      egressMechanism: 'netem',
      rules: [{ match: WEB, egress: SLOW, ingress: null, ...rule }],
    } as never,
    {
      ...IDLE,
      ...{ space: 'host', interface: 'v1', egress: LOSSY, egressMechanism: 'tbf' },
      rules: [
        { match: MIRRORED_WEB, egress: LOSSY, ingress: null, ...rule },
        { match: { localPorts: ['53'] }, egress: SLOW, ingress: null, ...rule },
      ],
    } as never,
  );
  assert.deepEqual([report.egress, report.ingress, report.ingressMechanism], [SLOW, LOSSY, 'tbf']);
  assert.deepEqual(report.ingressAt, { space: 'host', interface: 'v1' });
  assert.deepEqual(
    report.rules.map(({ match, egress, ingress }) => ({ match, egress, ingress })),
    [
      { match: WEB, egress: SLOW, ingress: LOSSY },
      { match: { remotePorts: ['53'] }, egress: null, ingress: SLOW },
    ],
  );
});
