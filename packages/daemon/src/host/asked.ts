import type { Impairment } from '@netweir/api';
import type { Entry } from '@netweir/impair';

/** What was asked, as it is recorded. */
export function askedOf({ setting }: Entry): {
  readonly impairment: Impairment;
  readonly expiresAt: Date | undefined;
} {
  const { egress, ingress, rules } = setting;
  return {
    impairment: {
      ...(egress && { egress }),
      ...(ingress && { ingress }),
      ...(rules.length > 0 && { rules }),
      ...(setting.owner === 'daemon' && setting.holder === undefined && { persist: true }),
    },
    expiresAt: setting.expiresAt === null ? undefined : new Date(setting.expiresAt),
  };
}
