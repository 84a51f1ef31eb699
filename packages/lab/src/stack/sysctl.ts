import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { KernelError, type NetworkNamespace } from '@netweir/kernel';

/** Every node: addresses are usable at once, and replies may take another way. */
const EVERY_NODE = {
  'ipv4/conf/all/rp_filter': 0,
  'ipv4/conf/default/rp_filter': 0,
  // The second address of a network stays when the first one goes.
  'ipv4/conf/all/promote_secondaries': 1,
  'ipv6/conf/all/accept_dad': 0,
  'ipv6/conf/default/accept_dad': 0,
};

const FORWARDING_NODE = {
  'ipv4/ip_forward': 1,
  'ipv4/conf/all/send_redirects': 0,
  'ipv4/conf/default/send_redirects': 0,
  'ipv6/conf/all/forwarding': 1,
};

/**
 * Writes below /proc/sys/net (Documentation/networking/ip-sysctl.rst) inside a new namespace.
 * @throws {KernelError} EACCES without root; ENOENT where the kernel has no IPv6
 */
export function prepareSysctls(
  namespace: NetworkNamespace,
  { forwards }: { forwards: boolean },
): void {
  const settings = { ...EVERY_NODE, ...(forwards ? FORWARDING_NODE : {}) };
  namespace.run(() => {
    for (const [name, value] of Object.entries(settings)) writeSysctl(name, value);
  });
}

/** Switches IPv6 off on the interfaces that take no part in it, before they come up. */
export function disableIpv6(
  namespace: NetworkNamespace,
  interfaces: readonly { readonly name: string; readonly ipv6: boolean }[],
): void {
  const names = interfaces.filter(({ ipv6 }) => !ipv6).map(({ name }) => name);
  if (names.length === 0) return;
  namespace.run(() => {
    for (const name of names) {
      const setting = `ipv6/conf/${name}/disable_ipv6`;
      // With an MTU that is too small for IPv6 there is none.
      if (existsSync(`/proc/sys/net/${setting}`)) writeSysctl(setting, 1);
    }
  });
}

export function writeSysctl(name: string, value: number): void {
  try {
    // Most are so already, and the kernel takes its time to set what is set.
    if (readFileSync(`/proc/sys/net/${name}`, 'latin1').trim() === String(value)) return;
    writeFileSync(`/proc/sys/net/${name}`, String(value));
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException;
    if (error.errno === undefined) throw cause;
    const target = `net/${name}`;
    throw new KernelError({ operation: 'write sysctl', target, errno: -error.errno }, { cause });
  }
}
