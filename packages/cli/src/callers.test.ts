import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callersOf } from './callers.ts';

const SSH_CONNECTION = '192.0.2.7 50123 198.51.100.1 22';
const caller = { client: '192.0.2.7', server: '198.51.100.1', port: 22 };

test('who works by SSH is known by the environment, or by that of a process above', () => {
  assert.deepEqual(callersOf({ SSH_CONNECTION }, []), [caller]);
  assert.deepEqual(callersOf({}, [{}, { SSH_CONNECTION }]), [caller]);
  assert.deepEqual(callersOf({}, [{ TERM: 'xterm' }]), []);
  assert.deepEqual(callersOf({ SSH_CONNECTION: 'fe80::7%eth0 1 fe80::1%eth0 22' }, []), [
    { client: 'fe80::7', server: 'fe80::1', port: 22 },
  ]);
});
