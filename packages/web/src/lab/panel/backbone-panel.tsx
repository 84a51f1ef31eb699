import type { ReactNode } from 'react';
import detail from '../../detail/detail.module.css';
import { Fact } from '../../detail/fact.tsx';
import type { LabNode } from '../model/lab-model.ts';
import type { Subject } from '../model/place.ts';
import { bothText } from '../model/words.ts';
import { InterfaceList } from './interface-list.tsx';
import { Part } from './part.tsx';
import { RunHere } from './run-here.tsx';

export interface BackbonePanelProps {
  readonly node: Extract<LabNode, { kind: 'region' | 'exchange' }>;
  readonly onOpen: (subject: Subject) => void;
}

/** The exchange, or the backbone of a region. */
export function BackbonePanel({ node, onOpen }: BackbonePanelProps): ReactNode {
  return (
    <>
      {node.kind === 'region' && (
        <Part title="Facts">
          <dl className={detail.facts}>
            <Fact name="Region">{node.is.name}</Fact>
            <Fact name="Prefixes">
              <span className="mono">{bothText(node.is)}</span>
            </Fact>
          </dl>
        </Part>
      )}
      <InterfaceList node={node.id} interfaces={node.is.interfaces} onOpen={onOpen} />
      <RunHere node={node.id} />
    </>
  );
}
