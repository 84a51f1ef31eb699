import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ImpairmentReport } from '@netweir/api';
import { untouchedReport } from '../test-support/fixtures.ts';
import { renderReport } from './impairment.ts';
import { formatMoment } from './numbers.ts';

const REF = { space: 'netns:client', interface: 'eth0' };
const PLAIN = { colors: false };

test('a report shows every setting, the mechanism, the original, counters and end', () => {
  const expiresAt = '2026-11-22T11:00:00.000Z';
  const report = ImpairmentReport.parse({
    ...untouchedReport(REF),
    egress: {
      delay: { mean: '100ms', jitter: '10ms', correlation: '25%', distribution: 'normal' },
      loss: { model: 'gilbert-elliott', p: '1%', r: '10%' },
      reorder: { probability: '25%', gap: 5 },
      rate: { rate: '10mbit', cellBytes: 53 },
      slot: { minDelay: '1ms', maxDelay: '5ms', maxPackets: 3 },
      limitPackets: 1000,
      ecn: true,
      seed: '7',
    },
    ingress: { loss: { model: 'random', probability: '1%' } },
    egressMechanism: 'netem',
    ingressMechanism: 'userspace',
    original: 'fq_codel',
    expiresAt,
    owner: 'daemon',
    persist: false,
    changedElsewhere: null,
    guarded: [],
    provisionalUntil: null,
    egressCounters: {
      sentBytes: 2048,
      sentPackets: 20,
      droppedPackets: 1,
      queuedPackets: 2,
      queuedBytes: 300,
    },
    ingressCounters: {
      sentBytes: 512,
      sentPackets: 5,
      droppedPackets: 0,
      queuedPackets: 0,
      queuedBytes: 0,
    },
  });
  assert.equal(
    renderReport(report, PLAIN, new Date(expiresAt).getTime() - 270_000),
    `netns:client/eth0
  egress      by netem
    delay     100ms, jitter 10ms, correlation 25%, distribution normal
    loss      model gilbert-elliott, p 1%, r 10%
    reorder   25%, gap 5
    rate      10mbit, cellBytes 53
    slot      minDelay 1ms, maxDelay 5ms, maxPackets 3
    limit     1000 packets
    ecn       marks instead of dropping
    seed      7
    sent      2.0 KiB in 20 packets
    dropped   1 packets
    queued    300 B in 2 packets
  ingress     by the userspace engine
    loss      1%, model random
    sent      512 B in 5 packets
    dropped   0 packets
    queued    0 B in 0 packets
  original    fq_codel, which clearing puts back
  ends        ${formatMoment(new Date(expiresAt))} (in 4m 30s)
  owner       daemon
`,
  );
});

test('a report of an interface that netweir leaves alone says so', () => {
  assert.equal(
    renderReport(untouchedReport(REF), PLAIN, 0),
    'netns:client/eth0\n  egress      untouched by netweir\n  ingress     untouched by netweir\n',
  );
});

test('a report without a lease does not end by itself', () => {
  const report = { ...untouchedReport(REF), egress: { delay: { mean: '1ms' } } };
  assert.match(renderReport(report, PLAIN, 0), /^ {2}ends {8}not by itself$/mu);
});

test('a report of the userspace engine alone has no original, for the root qdisc is still there', () => {
  const report: ImpairmentReport = {
    ...untouchedReport(REF),
    ingress: { delay: { mean: '1ms' } },
    ingressMechanism: 'userspace',
  };
  assert.equal(
    renderReport(report, PLAIN, 0),
    `netns:client/eth0
  egress      untouched by netweir
  ingress     by the userspace engine
    delay     1ms
  ends        not by itself
`,
  );
});
