import {
  type Config,
  type Container,
  isInNetwork,
  matchesContainer,
  type NamedRule,
} from '@netweir/api';
import type { DiscoveredSpace } from '@netweir/discovery';
import { describeAuthor } from './describe-author.ts';
import { labelsCount, readLabels } from './labels.ts';

/**
 * By their ids, the containers on the host's network that rules or labels are for, and that this is not
 * in force for them: they have no interfaces of their own.
 */
export function hostNotices(
  space: DiscoveredSpace,
  rules: readonly NamedRule[],
  config: Config,
): Map<string, string> {
  const notices = new Map<string, string>();
  for (const container of space.containers) {
    const rule =
      rules.find((one) => isFor(one, container))?.name ??
      (asksByLabels(space, container, config) ? 'labels' : undefined);
    if (rule === undefined) continue;
    const text = `${describeAuthor(rule)} is not in force for ${container.name}: it is on the host's network, and rules never touch the host's interfaces`;
    notices.set(container.id, text);
  }
  return notices;
}

function asksByLabels(space: DiscoveredSpace, container: Container, config: Config): boolean {
  if (!labelsCount(config, space)) return false;
  const { impairment, problem } = readLabels(container, undefined);
  return impairment !== undefined || problem !== undefined;
}

function isFor({ rule: { match } }: NamedRule, container: Container): boolean {
  const networks = [null, ...container.networks];
  return (
    matchesContainer(match, container) &&
    networks.some((network) => isInNetwork(match, { network }))
  );
}
