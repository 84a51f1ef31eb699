import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { memo, type ReactNode } from 'react';
import type { LabNode } from '../model/lab-model.ts';
import { IP_TEXTS, type Mark, marksOf } from '../model/words.ts';
import classes from './graph.module.css';
import { NODE_ICONS } from './node-icons.ts';

export type LabFlowNode = Node<{ node: LabNode; isOpen: boolean }, 'lab'>;

/**
 * A node as a button: the click itself is taken by the drawing around it. The library asks for handles;
 * where links touch is in their routes.
 */
export const LabNodeCard = memo(function LabNodeCard(props: NodeProps<LabFlowNode>): ReactNode {
  const { node, isOpen } = props.data;
  const Icon = NODE_ICONS[node.kind];
  return (
    <>
      <Handle
        type="target"
        position={Position.Top}
        isConnectable={false}
        className={classes.handle ?? ''}
      />
      <button
        type="button"
        className={classes.node}
        data-kind={node.kind}
        data-lab-node={node.id}
        aria-pressed={isOpen}
      >
        <span className={classes.name}>
          <Icon size={16} aria-hidden />
          <strong>{node.kind === 'region' ? node.is.name : node.id}</strong>
          {node.kind === 'router' && <span className={classes.ip}>{IP_TEXTS[node.is.ip]}</span>}
        </span>
        <About node={node} />
      </button>
      <Handle
        type="source"
        position={Position.Bottom}
        isConnectable={false}
        className={classes.handle ?? ''}
      />
    </>
  );
});

function About({ node }: { node: LabNode }): ReactNode {
  switch (node.kind) {
    case 'exchange':
      return null;
    case 'region':
      return <Address text={node.is.ipv4 ?? node.is.ipv6} />;
    case 'router':
      return (
        <>
          <span className={classes.marks}>
            {marksOf(node.is).map((mark) => (
              <MarkBadge key={`${mark.of} ${mark.text}`} mark={mark} />
            ))}
          </span>
          <Address text={node.is.downlink.ipv4 ?? node.is.downlink.ipv6} />
        </>
      );
    case 'device':
      return (
        <>
          <Address text={node.is.ipv4 ?? (node.is.ipv6 === null ? 'no address' : null)} />
          <Address text={node.is.ipv6} />
        </>
      );
  }
}

function Address({ text }: { text: string | null }): ReactNode {
  return text === null ? null : <span className={classes.address}>{text}</span>;
}

function MarkBadge({ mark }: { mark: Mark }): ReactNode {
  return (
    <span className={classes.mark} data-of={mark.of}>
      {mark.text}
    </span>
  );
}
