import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RouterPreset } from '@netweir/api';
import type { RouterOptions } from '../node/router.ts';
import { ROUTER_PRESETS, withPreset } from './presets.ts';

describe('withPreset', () => {
  test('knows every preset', () => {
    for (const preset of RouterPreset.options) {
      assert.deepEqual(withPreset({ preset }), { preset, ...ROUTER_PRESETS[preset] });
    }
  });

  test('leaves what is given beside it', () => {
    const options = { preset: 'home', nat: 'full-cone', firewall: undefined, mtu: 1400 } as const;
    assert.deepEqual(withPreset(options), {
      ...{ preset: 'home', nat: 'full-cone', natV6: 'none', firewall: 'block-inbound' },
      ...{ ip: 'dual-stack', mtu: 1400 },
    });
  });

  test('leaves options without a preset as they are', () => {
    const options: RouterOptions = { nat: 'home' };
    assert.equal(withPreset(options), options);
  });

  test('refuses what is no preset', () => {
    assert.throws(() => withPreset({ preset: 'castle' as 'home' }), { code: 'invalid-request' });
  });
});
