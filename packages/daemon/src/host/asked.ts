import type { Impairment } from '@netweir/api';
import type { Entry } from '@netweir/impair';

/** What was asked, as it is recorded. */
export function askedOf({ setting }: Entry): {
  readonly impairment: Impairment;
  readonly expiresAt: Date | undefined;
} {
  const ways = 'ingress' in setting ? setting : { egress: setting.egress, ingress: null };
  return {
    impairment: {
      ...(ways.egress && { egress: ways.egress }),
      ...(ways.ingress && { ingress: ways.ingress }),
      ...(setting.owner === 'daemon' && setting.holder === undefined && { persist: true }),
    },
    expiresAt: setting.expiresAt === null ? undefined : new Date(setting.expiresAt),
  };
}
