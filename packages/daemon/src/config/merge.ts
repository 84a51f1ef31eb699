import type { Config } from '@netweir/api';

type Values = Readonly<Record<string, unknown>>;

/**
 * Two configurations as one, key by key: what `over` has wins, an array or a rule as a whole. Its
 * rules come first, because the first that matches is the one that counts.
 */
export function mergeConfigs(under: Config, over: Config): Config {
  const containers = under.containers && over.containers;
  const others = Object.entries(under.rules ?? {}).filter(
    ([name]) => !Object.hasOwn(over.rules ?? {}, name),
  );
  return {
    ...under,
    ...over,
    ...(containers && { containers: mergeValues(under.containers, over.containers) }),
    ...((under.rules || over.rules) && {
      rules: Object.fromEntries([...Object.entries(over.rules ?? {}), ...others]),
    }),
  };
}

function mergeValues<T extends object>(under: T | undefined, over: T | undefined): T {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries({ ...over })) {
    const below = merged[key];
    merged[key] = isValues(below) && isValues(value) ? mergeValues(below, value) : value;
  }
  return merged as T;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
