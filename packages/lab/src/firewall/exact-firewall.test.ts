import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exactFirewall } from './exact-firewall.ts';

describe('exactFirewall', () => {
  test('says what each name stands for', () => {
    const open = { outboundTcp: 'allow-all', outboundUdp: 'allow-all' };
    const dns = { outboundUdp: { allow: [53] } };
    assert.deepEqual(exactFirewall('none'), { ...open, blockInbound: false });
    assert.deepEqual(exactFirewall('block-inbound'), { ...open, blockInbound: true });
    assert.deepEqual(exactFirewall('corporate'), {
      ...{ blockInbound: true, outboundTcp: { allow: [80, 443] } },
      ...dns,
    });
    assert.deepEqual(exactFirewall('captive-portal'), { ...open, blockInbound: true, ...dns });
  });

  test('adds what is not said', () => {
    assert.deepEqual(exactFirewall({}), exactFirewall('none'));
    assert.deepEqual(exactFirewall({ outboundUdp: 'block-all' }), {
      ...exactFirewall('none'),
      outboundUdp: 'block-all',
    });
  });

  test('has each port once and in order, and blocks all where none is allowed', () => {
    const { outboundTcp, outboundUdp } = exactFirewall({
      outboundTcp: { allow: [443, 80, 443] },
      outboundUdp: { allow: [] },
    });
    assert.deepEqual([outboundTcp, outboundUdp], [{ allow: [80, 443] }, 'block-all']);
  });

  test('is what it says', () => {
    for (const name of ['none', 'block-inbound', 'corporate', 'captive-portal'] as const) {
      assert.deepEqual(exactFirewall(exactFirewall(name)), exactFirewall(name));
    }
  });

  test('refuses what is no firewall, by the field', () => {
    assert.throws(() => exactFirewall({ outboundTcp: { allow: [0] } }), {
      code: 'invalid-request',
      message: /outboundTcp.allow.0/,
    });
    assert.throws(() => exactFirewall('iron' as 'none'), { code: 'invalid-request' });
  });
});
