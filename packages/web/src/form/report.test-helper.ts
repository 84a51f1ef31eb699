import type { ImpairmentReport } from '@netweir/api';

/** Of an interface that nothing is done to. */
export const CLEAR: ImpairmentReport = {
  space: 'host',
  interface: 'eth0',
  ifindex: 2,
  egress: null,
  ingress: null,
  rules: [],
  egressMechanism: null,
  ingressMechanism: null,
  original: null,
  expiresAt: null,
  owner: null,
  persist: false,
  changedElsewhere: null,
  guarded: [],
  provisionalUntil: null,
  egressCounters: null,
  ingressCounters: null,
};
