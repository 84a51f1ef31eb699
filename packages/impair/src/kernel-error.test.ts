import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { describe, test } from 'node:test';
import { NetweirError } from '@netweir/api';
import { KernelError } from '@netweir/kernel';
import { netweirErrorOf } from './kernel-error.ts';

function refused(errno: number, kernelText?: string): KernelError {
  return new KernelError({ operation: 'replace netem qdisc', target: 'eth0', errno, kernelText });
}

describe('netweirErrorOf', () => {
  const { EPERM, EACCES, ENODEV, EOPNOTSUPP, EINVAL, EBUSY } = constants.errno;
  for (const [errno, code, remedy] of [
    [EPERM, 'not-permitted', /CAP_NET_ADMIN/],
    [EACCES, 'not-permitted', /CAP_NET_ADMIN/],
    [ENODEV, 'no-such-interface', /netweir ls/],
    [EOPNOTSUPP, 'kernel-lacks-feature', undefined],
    [EINVAL, 'kernel-refused', undefined],
    [EBUSY, 'kernel-refused', undefined],
  ] as const) {
    test(`error number ${errno} is ${code}, with the kernel's words and the cause`, () => {
      const cause = refused(errno, 'because');
      const error = netweirErrorOf(cause);
      assert.equal(error.code, code);
      assert.equal(error.cause, cause);
      assert.match(error.message, /replace netem qdisc on eth0: E[A-Z]+.*because/);
      if (remedy) assert.match(error.remedy ?? '', remedy);
      else assert.equal(error.remedy, undefined);
    });
  }

  test('a refusal of two netems says what to remove', () => {
    const text = 'netem: cannot mix duplicating netems with other netems in tree';
    const { code, remedy } = netweirErrorOf(refused(EINVAL, text));
    assert.equal(code, 'kernel-refused');
    assert.match(remedy ?? '', /remove the other one/);
  });

  test('an error of ours is passed through, and any other thing is internal', () => {
    const ours = new NetweirError('changed-elsewhere', 'x');
    assert.equal(netweirErrorOf(ours), ours);
    const fault = new TypeError('oh');
    assert.equal(netweirErrorOf(fault).cause, fault);
    assert.deepEqual(
      [fault, 'text'].map((error) => netweirErrorOf(error).code),
      ['internal', 'internal'],
    );
  });
});
