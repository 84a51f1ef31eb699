import '@xyflow/react/dist/base.css';
import { useElementSize, useMediaQuery } from '@mantine/hooks';
import {
  Controls,
  type Edge,
  type EdgeTypes,
  type Node,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { type LabModel, shapeOf } from '../model/lab-model.ts';
import { type Format, type Layout, layOut, NARROW, WIDE } from '../model/layout.ts';
import { idOf, type Subject } from '../model/place.ts';
import { type Route, routesOf } from '../model/routes.ts';
import classes from './graph.module.css';
import { LabEdgeLine, type LabFlowEdge } from './lab-edge.tsx';
import { type LabFlowNode, LabNodeCard } from './lab-node.tsx';
import { useBringIntoSight } from './use-bring-into-sight.ts';

export interface LabGraphProps {
  readonly lab: string;
  readonly model: LabModel;
  readonly subject: Subject | undefined;
  readonly onOpen: (subject: Subject | undefined) => void;
}

const NODE_TYPES: NodeTypes = { lab: LabNodeCard };
const EDGE_TYPES: EdgeTypes = { lab: LabEdgeLine };

/** A lab, drawn; a click opens what is under it. */
export default function LabGraph(props: LabGraphProps): ReactNode {
  return (
    <ReactFlowProvider>
      <Drawing {...props} />
    </ReactFlowProvider>
  );
}

function Drawing({ lab, model, subject, onOpen }: LabGraphProps): ReactNode {
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, {
    getInitialValueInEffect: false,
  });
  const { layout, routes } = usePlaces(model, isNarrow ? NARROW : WIDE);
  const opened = subject && idOf(subject);
  const nodes = useMemo(() => nodesOf(model, layout, opened), [model, layout, opened]);
  const edges = useMemo(() => edgesOf(lab, model, routes, opened), [lab, model, routes, opened]);
  const { ref, onMoved } = useFit(layout);
  const bringIntoSight = useBringIntoSight();
  return (
    <section
      className={classes.canvas}
      aria-label={`Graph of ${lab}`}
      ref={ref}
      onFocus={bringIntoSight}
    >
      <ReactFlow
        nodes={nodes as Node[]}
        edges={edges as Edge[]}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        preventScrolling={!isNarrow}
        zoomOnScroll={!isNarrow}
        minZoom={0.08}
        maxZoom={2}
        onMoveStart={(event) => event && onMoved()}
        onNodeClick={(_, node) => onOpen({ kind: 'node', node: node.id })}
        onEdgeClick={(_, edge) => onOpen((edge as LabFlowEdge).data?.edge.subject)}
        onPaneClick={() => onOpen(undefined)}
      >
        <Controls position="top-left" showInteractive={false} fitViewOptions={FIT} />
      </ReactFlow>
    </section>
  );
}

const FIT = { padding: 0.06, maxZoom: 1.15 };

/** All stays in sight when the room changes, until somebody has moved it. */
function useFit(layout: Layout): {
  ref: (element: HTMLElement | null) => void;
  onMoved: () => void;
} {
  const { ref, width, height } = useElementSize();
  const { fitView } = useReactFlow();
  const fitted = useRef<Layout>(undefined);
  const isMoved = useRef(false);
  useEffect(() => {
    if (width === 0 || height === 0) return;
    if (isMoved.current && fitted.current === layout) return;
    isMoved.current = false;
    fitted.current = layout;
    void fitView(FIT);
  }, [layout, width, height, fitView]);
  return {
    ref,
    onMoved: () => {
      isMoved.current = true;
    },
  };
}

/** Places change only where nodes or links come and go. */
function usePlaces(
  model: LabModel,
  format: Format,
): { layout: Layout; routes: ReadonlyMap<string, Route> } {
  const shape = shapeOf(model);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the shape is all of the model that counts
  return useMemo(() => {
    const layout = layOut(model, format);
    return { layout, routes: routesOf(model, layout) };
  }, [shape, format]);
}

function nodesOf(model: LabModel, { boxes }: Layout, opened: string | undefined): LabFlowNode[] {
  return model.nodes.flatMap((node) => {
    const box = boxes.get(node.id);
    if (!box) return [];
    const { x, y, width, height } = box;
    return [
      {
        id: node.id,
        type: 'lab',
        position: { x, y },
        width,
        height,
        measured: { width, height },
        data: { node, isOpen: opened === node.id },
      },
    ];
  });
}

function edgesOf(
  lab: string,
  model: LabModel,
  routes: ReadonlyMap<string, Route>,
  opened: string | undefined,
): LabFlowEdge[] {
  return model.edges.flatMap((edge) => {
    const route = routes.get(edge.id);
    if (!route) return [];
    const data = { lab, edge, route, isOpen: opened === edge.id };
    return [{ id: edge.id, type: 'lab', source: edge.from, target: edge.to, data }];
  });
}
