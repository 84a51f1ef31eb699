import { isNetweirError, NetweirError } from '@netweir/api';
import { KernelError } from '@netweir/kernel';

/** Any error as one that can be shown: the kernel's refusals get a code and a remedy. */
export function netweirErrorOf(error: unknown): NetweirError {
  if (isNetweirError(error)) return error;
  if (!(error instanceof KernelError)) {
    const message = error instanceof Error ? error.message : String(error);
    return new NetweirError('internal', message, { cause: error });
  }
  const { code, remedy } = explain(error);
  return new NetweirError(code, error.message, { cause: error, ...(remedy && { remedy }) });
}

function explain(error: KernelError): { code: NetweirError['code']; remedy?: string } {
  switch (error.errnoName) {
    case 'EPERM':
    case 'EACCES':
      return {
        code: 'not-permitted',
        remedy:
          'Run netweir as root, or give it CAP_NET_ADMIN and CAP_SYS_ADMIN; `netweir doctor` tells which is missing.',
      };
    case 'ENODEV':
      return {
        code: 'no-such-interface',
        remedy: 'The interface went away meanwhile: `netweir ls` shows what is there.',
      };
    case 'EOPNOTSUPP':
      return { code: 'kernel-lacks-feature' };
    case 'EINVAL':
      return error.kernelText?.includes('duplicating netems')
        ? {
            code: 'kernel-refused',
            remedy:
              'This kernel allows duplication only where no other netem is on the interface: remove the other one.',
          }
        : { code: 'kernel-refused' };
    default:
      return { code: 'kernel-refused' };
  }
}

/** A failure after which what was there before could not be put back either. */
export function alsoFailed(failure: unknown, second: unknown): NetweirError {
  const { code, message, remedy } = netweirErrorOf(failure);
  return new NetweirError(
    code,
    `${message}; nor could what was there before be put back: ${netweirErrorOf(second).message}`,
    { cause: failure, ...(remedy !== undefined && { remedy }) },
  );
}
