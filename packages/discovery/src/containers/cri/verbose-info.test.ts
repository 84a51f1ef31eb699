import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readVerboseInfo } from './verbose-info.ts';

test('the pid and the network of a pod are read from what containerd tells', () => {
  const info = {
    pid: 28382,
    cniResult: {
      Interfaces: {
        cni0: { IPConfigs: null, Mac: '02:00:00:00:00:01', Sandbox: '' },
        eth0: {
          IPConfigs: [{ IP: '10.1.0.2', Gateway: '10.1.0.1' }],
          Mac: '02:00:00:00:00:02',
          Sandbox: '/var/run/netns/cni-1',
        },
        lo: {
          IPConfigs: [{ IP: '127.0.0.1', Gateway: '' }],
          Mac: '',
          Sandbox: '/var/run/netns/cni-1',
        },
        veth1: { IPConfigs: null, Mac: '02:00:00:00:00:03', Sandbox: '' },
      },
      DNS: [{}],
    },
  };
  assert.deepEqual(readVerboseInfo({ info: JSON.stringify(info) }), {
    pid: 28382,
    mac: '02:00:00:00:00:02',
    gateways: ['10.1.0.1'],
    bridge: 'cni0',
  });
});

test('a part that is not as expected leaves the others', () => {
  const info = { pid: 5, cniResult: { Interfaces: 'none' } };
  assert.equal(readVerboseInfo({ info: JSON.stringify(info) }).pid, 5);
  assert.equal(readVerboseInfo({ info: '{"pid": -1}' }).pid, null);
});

test('whatever a runtime tells is no error', () => {
  const text = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(text, (info) => {
      assert.ok('pid' in readVerboseInfo({ info }));
    }),
  );
});
