import type { Probe } from '@netweir/api';

/** An id for a new probe: the one that measures the same already, or the first that is free. */
export function probeIdFor(
  request: { readonly space: string; readonly address: string },
  probes: readonly Probe[],
): string {
  const same = probes.find(
    ({ space, address }) => space === request.space && address === request.address,
  );
  if (same) return same.id;
  const base = `${request.space}-${request.address}`.replace(/[^\w.-]/gu, '-').slice(0, 58);
  const taken = new Set(probes.map(({ id }) => id));
  let id = base;
  for (let next = 2; taken.has(id); next++) id = `${base}-${next}`;
  return id;
}
