import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { type LabEdge, STATUS_TEXTS } from '../model/lab-model.ts';
import { useChange } from '../use-change.ts';
import { ConditionsPart } from './conditions.tsx';
import classes from './panel.module.css';
import { Part } from './part.tsx';

export interface RegionLinkPanelProps {
  readonly edge: LabEdge;
  readonly between: readonly [string, string];
}

/** The ways in which a link between regions can be broken. */
const BREAKS = ['reroute', 'blackhole'] as const;

export function RegionLinkPanel({ edge, between }: RegionLinkPanelProps): ReactNode {
  const change = useChange();
  const { status, subject } = edge;
  const pair: [string, string] = [...between];
  const isWhole = status === 'up';
  return (
    <>
      <Part title="Link" change={change}>
        <p className={classes.conditions}>It is {STATUS_TEXTS[status]}.</p>
        <div className={classes.buttons}>
          {BREAKS.map((mode) => (
            <Button
              key={mode}
              size="xs"
              variant="default"
              disabled={!isWhole || change.isPending}
              onClick={() => change.mutate({ type: 'break-region-link', between: pair, mode })}
            >
              Break: {mode}
            </Button>
          ))}
          <Button
            size="xs"
            disabled={isWhole || change.isPending}
            onClick={() => change.mutate({ type: 'restore-region-link', between: pair })}
          >
            Restore
          </Button>
        </div>
        <p className="muted">
          Rerouted packets go by other regions; those that meet a blackhole are lost.
        </p>
      </Part>
      <ConditionsPart subject={subject} now={edge} />
    </>
  );
}
