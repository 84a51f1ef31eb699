import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errnoName } from './errno.ts';
import { check, checkFile, KernelError } from './errors.ts';

describe('KernelError', () => {
  test('says what failed, on what, and what the kernel said', () => {
    const error = new KernelError({
      operation: 'add netem qdisc',
      target: 'eth0',
      errno: 2,
      kernelText: 'Specified qdisc kind is unknown',
    });
    assert.equal(
      error.message,
      'add netem qdisc on eth0: ENOENT, no such file or directory (kernel: "Specified qdisc kind is unknown")',
    );
    assert.equal(error.name, 'KernelError');
    assert.equal(error.errnoName, 'ENOENT');
  });

  test('names the attribute that was refused or missing', () => {
    const details = { operation: 'add link', target: 'v0', errno: 22 };
    assert.match(new KernelError({ ...details, attribute: 18 }).message, /\(attribute 18\)$/);
    assert.match(
      new KernelError({ ...details, missingAttribute: 3 }).message,
      /missing attribute 3/,
    );
  });

  test('is thrown for a negative result only', () => {
    assert.equal(check(7, 'open', 'file'), 7);
    assert.throws(() => check(-9, 'open', 'file'), { name: 'KernelError', errno: 9 });
  });

  test('takes the place of a system error of node:fs and keeps it as its cause', () => {
    const fail = () => {
      throw Object.assign(new Error('EACCES: permission denied'), { errno: -13, code: 'EACCES' });
    };
    assert.throws(
      () => checkFile('open', '/x', fail),
      (error: unknown) => {
        assert(error instanceof KernelError);
        assert.equal(error.errnoName, 'EACCES');
        assert(error.cause instanceof Error);
        return true;
      },
    );
  });

  test('lets an error that is no system error through', () => {
    const fail = () => {
      throw new RangeError('no');
    };
    assert.throws(() => checkFile('open', '/x', fail), RangeError);
  });
});

describe('errnoName', () => {
  test('prefers the names that kernel sources use', () => {
    assert.deepEqual([11, 95, 35, 105, 117, 524].map(errnoName), [
      'EAGAIN',
      'EOPNOTSUPP',
      'EDEADLK',
      'ENOBUFS',
      'EUCLEAN',
      'ENOTSUPP',
    ]);
  });

  test('falls back to the number', () => {
    assert.equal(errnoName(4242), 'E4242');
  });
});
