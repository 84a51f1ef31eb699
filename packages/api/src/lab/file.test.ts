import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { isNetweirError } from '../errors/netweir-error.ts';
import { validate } from '../errors/validate.ts';
import { LabFile } from './file.ts';

const read = (value: unknown): LabFile => validate(LabFile, value, 'the lab file');

function refused(value: unknown): { path: string; message: string }[] {
  try {
    read(value);
  } catch (error) {
    assert.ok(isNetweirError(error), String(error));
    return [...(error.fields ?? [])];
  }
  throw assert.fail('nothing was refused');
}

const device = (eth0: object, keys: object = {}) => ({ device: { laptop: { ...keys, eth0 } } });

describe('A lab file', () => {
  test('is all that the reference knows', () => {
    read({
      router: [
        { name: 'isp', nat: 'cgnat', ip_support: 'v4-only' },
        { name: 'home', upstream: 'isp', nat: 'full-cone', nat_v6: 'nptv6', region: 'eu' },
        { name: 'ra', ra_enabled: true, ra_interval_secs: 30, ra_lifetime_secs: 1800 },
        {
          name: 'own',
          nat: {
            custom: {
              mapping: 'endpoint_dependent',
              filtering: 'address_and_port_dependent',
              timeouts: { udp: 30, udp_stream: 120, tcp_established: 3600 },
              hairpin: true,
            },
          },
        },
      ],
      ...device({ gateway: 'home', impair: 'mobile' }, { count: 3, default_via: 'eth0' }),
      region: { eu: { latencies: { us: 80 } }, us: {} },
    });
    const limits = { rate_kbit: 1000, loss_pct: '0.5', latency_ms: 20, jitter_ms: 2 };
    read(device({ gateway: 'home', impair: { ...limits, reorder_pct: 1, duplicate_pct: 0 } }));
  });

  test('takes words with hyphens and with underscores', () => {
    read({
      router: [{ name: 'a', preset: 'isp_cgnat', nat: 'cloud_nat', firewall: 'block-inbound' }],
    });
  });

  test('says of a key that it does not know which one is meant', () => {
    assert.deepEqual(refused({ router: [{ name: 'a', upstraem: 'b' }] }), [
      { path: 'router.0', message: 'unknown key upstraem (did you mean upstream?)' },
    ]);
    assert.deepEqual(refused({ routers: [] }), [
      { path: '', message: 'unknown key routers (did you mean router?)' },
    ]);
    assert.deepEqual(refused({ router: [{ name: 'a', mustard: 1 }] }), [
      { path: 'router.0', message: 'unknown key mustard' },
    ]);
    assert.deepEqual(refused(device({ gateway: 'home', condition: 'wifi' })), [
      {
        path: 'device.laptop.eth0',
        message: 'unknown key condition (did you mean conditions?)',
      },
    ]);
  });

  test('takes every other key of a device for an interface', () => {
    const [error] = refused({ device: { laptop: { cuont: 3 } } });
    assert.equal(error?.path, 'device.laptop.cuont');
    assert.match(error?.message ?? '', /^is no key of a device \(did you mean count\?\), and no/);
  });

  test('does not mix numbers with units in their keys and quantities with units', () => {
    const [error] = refused(
      device({ gateway: 'home', conditions: { latency_ms: 5, loss: '1%', rate: '1mbit' } }),
    );
    assert.match(error?.message ?? '', /unknown key latency_ms/);
  });

  test('says what is wrong with a quantity', () => {
    const [error] = refused(device({ gateway: 'home', conditions: { egress: { delay: '5' } } }));
    assert.equal(error?.path, 'device.laptop.eth0.conditions.egress.delay');
    assert.match(error?.message ?? '', /has no unit/);
  });

  test('has a JSON schema that takes no other keys', () => {
    const { $defs } = z.toJSONSchema(z.object({ lab: LabFile }));
    assert.equal($defs?.LabFile?.additionalProperties, false);
  });
});
