import type { ContainerSource, ContainerView } from '../source.ts';
import type { EngineEndpoint, UnusableEndpoint } from './endpoint.ts';

/** Tells only that, and why, somebody's endpoint cannot be asked. */
export function unusableSource(
  { url, detail }: UnusableEndpoint,
  runtime: EngineEndpoint['runtime'],
): ContainerSource {
  const view: ContainerView = {
    status: { runtime, endpoint: url, state: 'refused', detail, currentAt: null },
    containers: [],
  };
  return { view, close: () => Promise.resolve() };
}
