import { isLabSwitches, type Space } from '@netweir/api';
import type { ReactNode } from 'react';
import { addressOf, nodeOfSpace } from '../lab/model/place.ts';
import { podsOf, RUNTIME_NAMES, runtimesOf } from '../live/containers.ts';
import { Badge } from './badge.tsx';
import classes from './spaces.module.css';

/** What sort of space it is, where that is more than a namespace with a name. */
export function SpaceBadges({ space }: { space: Space }): ReactNode {
  const { containers } = space;
  const names = containers.map(({ name }) => name);
  const isPaused = containers.some(({ state }) => state === 'paused');
  const isRootless = containers.some(({ rootless }) => rootless);
  const pods = podsOf(space);
  const ofLab = nodeOfSpace(space.id);
  const isNode = !isLabSwitches(space.id);
  return (
    <>
      {ofLab && (
        <a
          className={classes.lab}
          href={addressOf({
            lab: ofLab.lab,
            subject: isNode ? { kind: 'node', node: ofLab.node } : undefined,
          })}
        >
          in lab {ofLab.lab}
        </a>
      )}
      {runtimesOf(space).map((runtime) => (
        <Badge key={runtime}>{RUNTIME_NAMES[runtime]}</Badge>
      ))}
      {pods.map((pod) => (
        <Badge key={pod}>pod {pod}</Badge>
      ))}
      {space.kind === 'host' && names.length > 0 && (
        <Badge
          tone="accent"
          explanation={`They use this machine's own network: what is set on its interfaces meets them and everything else here. ${names.join(', ')}`}
        >
          {names.length} host-networked: {names.join(', ')}
        </Badge>
      )}
      {space.kind !== 'host' && names.length > 1 && (
        <Badge
          tone="accent"
          explanation={`One network namespace for all of them: what is set here meets each. ${names.join(', ')}`}
        >
          shared by {names.join(', ')}
        </Badge>
      )}
      {isPaused && (
        <Badge tone="warn" explanation="Its processes are frozen and answer nothing.">
          paused
        </Badge>
      )}
      {isRootless && (
        <Badge explanation="It runs in a user's own namespaces, without root's rights.">
          rootless
        </Badge>
      )}
    </>
  );
}
