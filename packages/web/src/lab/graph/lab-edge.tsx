import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import { useRates } from '../../connection/daemon.ts';
import { showLab } from '../../connection/selection.ts';
import { bitRate } from '../../text/format.ts';
import { type LabEdge, STATUS_TEXTS } from '../model/lab-model.ts';
import { spaceOfNode } from '../model/place.ts';
import type { Route } from '../model/routes.ts';
import { conditionText } from '../model/words.ts';
import classes from './graph.module.css';

export type LabFlowEdge = Edge<
  { lab: string; edge: LabEdge; route: Route; isOpen: boolean },
  'lab'
>;

/** Less is the kernel's own: address resolution, router solicitations. */
const TRAFFIC_BIT_PER_SEC = 1000;

/** A link with what it does each way, its state, and what flows. */
export const LabEdgeLine = memo(function LabEdgeLine(props: EdgeProps<LabFlowEdge>): ReactNode {
  const { id, data } = props;
  if (!data) return null;
  return <Line id={id} {...data} />;
});

type LineProps = LabFlowEdge['data'] & { id: string };

function Line({ id, lab, edge, route, isOpen }: NonNullable<LineProps>): ReactNode {
  const { status, to, ifindex, egress, ingress } = edge;
  const rates = useRates(spaceOfNode(lab, to), ifindex ?? -1);
  const down = rates.rxBitPerSec.at(-1) ?? 0;
  const up = rates.txBitPerSec.at(-1) ?? 0;
  const flows = status === 'up' && Math.max(down, up) >= TRAFFIC_BIT_PER_SEC;
  const isImpaired = egress !== null || ingress !== null;
  return (
    <>
      <BaseEdge
        id={id}
        path={route.path}
        interactionWidth={22}
        className={classes.line ?? ''}
        data-status={status}
        data-open={isOpen}
        data-impaired={isImpaired}
        data-across={edge.subject.kind === 'region-link'}
      />
      {flows && (
        <path
          className={classes.flow}
          d={route.path}
          data-way={down >= up ? 'down' : 'up'}
          style={{ strokeWidth: widthOf(Math.max(down, up)) }}
        />
      )}
      <EdgeLabelRenderer>
        <button
          type="button"
          className={`${classes.label} nopan`}
          data-status={status}
          data-lab-edge={id}
          data-impaired={isImpaired}
          aria-pressed={isOpen}
          title={titleOf(edge)}
          style={{
            transform: `translate(-50%, -50%) translate(${route.label.x}px, ${route.label.y}px)`,
          }}
          onClick={() => showLab({ lab, subject: edge.subject })}
        >
          <Label edge={edge} />
          {flows && (
            <span className={classes.rate}>
              <span data-way="down">↓{bitRate(down)}</span>
              <span data-way="up">↑{bitRate(up)}</span>
            </span>
          )}
        </button>
      </EdgeLabelRenderer>
    </>
  );
}

function Label({ edge }: { edge: LabEdge }): ReactNode {
  const { subject, name, status, isDefault, egress, ingress } = edge;
  const [up, down] = [conditionText(egress), conditionText(ingress)];
  const isAcross = subject.kind === 'region-link';
  const isClean = up === '' && down === '';
  return (
    <>
      {name !== '' && <span className={classes.interface}>{name}</span>}
      {isDefault && <span className={classes.default}>default</span>}
      {status !== 'up' && <span className={classes.status}>{STATUS_TEXTS[status]}</span>}
      {up === down
        ? !isClean && <Way text={up} />
        : [
            up && <Way key="up" arrow={isAcross ? '→' : '↑'} text={up} />,
            down && <Way key="down" arrow={isAcross ? '←' : '↓'} text={down} />,
          ]}
      {isAcross && isClean && status === 'up' && <span className={classes.interface}>clean</span>}
    </>
  );
}

function Way({ arrow = '⇅', text }: { arrow?: string; text: string }): ReactNode {
  return (
    <span className={classes.condition}>
      <span aria-hidden>{arrow}</span> {text}
    </span>
  );
}

function titleOf({ subject, from, name, to, egress, ingress }: LabEdge): string {
  const what = subject.kind === 'link' ? `${to}/${name} to ${from}` : subject.between.join(' to ');
  const [sends, receives] = [conditionText(egress), conditionText(ingress)];
  return `${what}; sends: ${sends || 'clean'}; receives: ${receives || 'clean'}`;
}

/** Ten times the rate is one and a half pixels more. */
function widthOf(bitPerSec: number): number {
  return Math.min(9, 1 + 1.5 * Math.max(0, Math.log10(bitPerSec) - 3));
}
