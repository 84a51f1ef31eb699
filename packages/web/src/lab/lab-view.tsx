import { Loader } from '@mantine/core';
import type { LabSummary } from '@netweir/api';
import { lazy, type ReactNode, Suspense, useMemo } from 'react';
import { useLab } from '../connection/daemon.ts';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { showLab } from '../connection/selection.ts';
import { Panel } from '../panel.tsx';
import { Events } from './events.tsx';
import { LabHead } from './lab-head.tsx';
import classes from './labs.module.css';
import { type LabModel, labModel } from './model/lab-model.ts';
import { idOf, type Subject } from './model/place.ts';
import { NodeList } from './node-list.tsx';
import { SubjectPanel } from './panel/subject-panel.tsx';
import { LabContext } from './use-change.ts';
import { useShared } from './use-shared.ts';

const LabGraph = lazy(() => import('./graph/lab-graph.tsx'));

export interface LabViewProps {
  readonly summary: LabSummary;
  readonly labs: readonly LabSummary[];
  readonly subject: Subject | undefined;
}

const EMPTY: LabModel = { nodes: [], edges: [] };

/** One lab: its graph, its nodes in words, and what is open beside them. */
export function LabView({ summary, labs, subject }: LabViewProps): ReactNode {
  const { name } = summary;
  const { state, error, events } = useLab(name);
  const model = useShared(useMemo(() => (state ? labModel(state) : EMPTY), [state]));
  const open = (next: Subject | undefined): void => showLab({ lab: name, subject: next });
  return (
    <LabContext value={name}>
      <div className={classes.columns} data-open={subject !== undefined}>
        <main className={classes.lab}>
          <LabHead summary={summary} labs={labs} model={model} />
          {error !== undefined && <ErrorPanel error={error} />}
          {state && (
            <>
              <Suspense fallback={<Waiting />}>
                <LabGraph lab={name} model={model} subject={subject} onOpen={open} />
              </Suspense>
              <NodeList model={model} subject={subject} onOpen={open} />
              <Events events={events} />
            </>
          )}
          {!state && error === undefined && <Waiting />}
        </main>
        {subject && state && (
          <Panel label="Of the lab" onClose={() => open(undefined)}>
            <SubjectPanel key={idOf(subject)} model={model} subject={subject} onOpen={open} />
          </Panel>
        )}
      </div>
    </LabContext>
  );
}

function Waiting(): ReactNode {
  return (
    <div className={classes.canvas}>
      <Loader aria-label="Loading the lab" />
    </div>
  );
}
