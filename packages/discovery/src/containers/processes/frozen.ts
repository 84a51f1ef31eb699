import { readStart } from './proc-files.ts';

const MOUNT = '/sys/fs/cgroup';

/**
 * The file that tells whether a control group is frozen, from the text of /proc/PID/cgroup: cgroup.events
 * of version 2, freezer.state of version 1.
 */
export function freezerFile(cgroup: string): string | undefined {
  const version1 = /^\d+:(?:[^:\n]*,)?freezer(?:,[^:\n]*)?:(\/.*)$/mu.exec(cgroup)?.[1];
  if (version1 !== undefined) return `${MOUNT}/freezer${version1}/freezer.state`;
  const version2 = /^0::(\/.*)$/mu.exec(cgroup)?.[1];
  return version2 === undefined ? undefined : `${MOUNT}${version2}/cgroup.events`;
}

/** False where the file tells nothing, as it does where another namespace of control groups is ours. */
export function isFrozen(file: string | undefined): boolean {
  return file !== undefined && /^(?:FROZEN|frozen 1)$/mu.test(readStart(file) ?? '');
}
