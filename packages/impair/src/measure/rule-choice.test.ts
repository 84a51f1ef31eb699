import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImpairmentReport, TrafficMatch, TrafficRuleReport } from '@netweir/api';
import { chosenFor, type Packet } from './rule-choice.ts';

const OWN = { delay: { mean: '1ms' } };
const RULES = { delay: { mean: '2ms' } };
const PACKET: Packet = { source: '10.0.0.1', destination: '10.0.1.2', protocol: 'udp' };

function rule(match: TrafficMatch, more: Partial<TrafficRuleReport> = {}): TrafficRuleReport {
  const counters = { egressCounters: null, ingressCounters: null };
  return { match, egress: RULES, ingress: null, exclude: false, ...counters, ...more };
}

function report(...rules: readonly TrafficRuleReport[]): ImpairmentReport {
  return {
    space: 'host',
    interface: 'eth0',
    ifindex: 2,
    egress: OWN,
    ingress: OWN,
    rules: [...rules],
    egressMechanism: 'netem',
    ingressMechanism: 'netem',
    original: null,
    expiresAt: null,
    owner: 'daemon',
    persist: false,
    changedElsewhere: null,
    guarded: [],
    provisionalUntil: null,
    egressCounters: null,
    ingressCounters: null,
  };
}

function isRule(match: TrafficMatch, packet: Packet = PACKET): boolean {
  return chosenFor(report(rule(match)), 'egress', packet).set === RULES;
}

describe('what is in force for a packet', () => {
  test('is what the interface has where no rule matches', () => {
    assert.equal(chosenFor(report(), 'egress', PACKET).set, OWN);
    assert.equal(isRule({ protocol: 'tcp' }), false);
  });

  test('is the first rule that matches and says something for the direction', () => {
    const first = rule({ protocol: 'udp' }, { egress: null, ingress: RULES });
    assert.equal(chosenFor(report(first), 'egress', PACKET).set, OWN);
    assert.equal(chosenFor(report(first), 'ingress', PACKET).set, RULES);
    const other = { delay: { mean: '3ms' } };
    const all = report(rule({ protocol: 'udp' }), rule({ family: 4 }, { egress: other }));
    assert.equal(chosenFor(all, 'egress', PACKET).set, RULES);
  });

  test('is nothing where a rule excludes it', () => {
    const out = rule({ remote: ['10.0.1.0/24'] }, { exclude: true, egress: null });
    assert.equal(chosenFor(report(out), 'egress', PACKET).set, null);
    // Of what the interface receives, the remote end is the source.
    assert.equal(chosenFor(report(out), 'ingress', PACKET).set, OWN);
  });

  test('is asked by addresses and networks of either family, and by looked up names', () => {
    assert.ok(isRule({ remote: ['10.0.1.2'] }));
    assert.ok(isRule({ remote: ['192.0.2.0/24', '10.0.0.0/23'], local: ['10.0.0.0/31'] }));
    assert.ok(!isRule({ remote: ['10.0.0.0/24'] }));
    assert.ok(!isRule({ remote: ['::/0'] }));
    const six: Packet = { source: 'fd00::1', destination: 'fd00:1::2', protocol: 'icmp' };
    assert.ok(isRule({ remote: ['fd00:1::/32'], protocol: 'icmp' }, six));
    assert.ok(isRule({ family: 6, protocol: 58 }, six));
    assert.ok(!isRule({ family: 4 }, six));
    const named = rule({ remote: ['db.example'] }, { addresses: ['10.0.1.2'] });
    assert.equal(chosenFor(report(named), 'egress', PACKET).set, RULES);
  });

  test('is asked by ports, which echoes have none of', () => {
    const packet: Packet = { ...PACKET, destinationPort: 443, sourcePort: 40_000 };
    assert.ok(isRule({ remotePorts: ['80', '400-500'] }, packet));
    assert.ok(isRule({ localPorts: ['40000'] }, packet));
    assert.ok(!isRule({ remotePorts: ['80'] }, packet));
    assert.ok(!isRule({ remotePorts: ['1-65535'] }));
    assert.ok(!isRule({ dscp: 46 }));
    assert.ok(isRule({ dscp: 0 }));
  });
});
