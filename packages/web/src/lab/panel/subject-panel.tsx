import { Button, CloseButton } from '@mantine/core';
import { Ghost } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import detail from '../../detail/detail.module.css';
import { edgeOf, type LabModel, STATUS_TEXTS } from '../model/lab-model.ts';
import type { Subject } from '../model/place.ts';
import { BackbonePanel } from './backbone-panel.tsx';
import { DevicePanel } from './device-panel.tsx';
import { LinkPanel } from './link-panel.tsx';
import { RegionLinkPanel } from './region-link-panel.tsx';
import { RouterPanel } from './router-panel.tsx';

export interface SubjectPanelProps {
  readonly model: LabModel;
  readonly subject: Subject;
  readonly onOpen: (subject: Subject | undefined) => void;
}

/** What is open beside the graph: its facts, and what can be changed. Each subject has a panel of its own. */
export function SubjectPanel({ model, subject, onOpen }: SubjectPanelProps): ReactNode {
  const { title, about, body } = contentOf(model, subject, onOpen);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className={detail.detail}>
      <div className={detail.head}>
        <div className={detail.title}>
          <span className="muted">{about}</span>
          <h2 ref={heading} tabIndex={-1} data-autofocus>
            {title}
          </h2>
        </div>
        <CloseButton aria-label="Close" size="lg" onClick={() => onOpen(undefined)} />
      </div>
      {body ?? (
        <div className={detail.gone} role="status">
          <Ghost size={30} aria-hidden />
          <p>{title} is not in the lab any more.</p>
          <Button variant="default" onClick={() => onOpen(undefined)}>
            Back to the lab
          </Button>
        </div>
      )}
    </div>
  );
}

interface Content {
  readonly title: string;
  readonly about: string;
  readonly body: ReactNode;
}

function contentOf(
  model: LabModel,
  subject: Subject,
  onOpen: (subject: Subject | undefined) => void,
): Content {
  if (subject.kind === 'node') {
    const node = model.nodes.find(({ id }) => id === subject.node);
    const about = node?.kind ?? 'node';
    switch (node?.kind) {
      case 'device':
        return { title: node.id, about, body: <DevicePanel device={node.is} onOpen={onOpen} /> };
      case 'router':
        return {
          title: node.id,
          about,
          body: <RouterPanel router={node.is} model={model} onOpen={onOpen} />,
        };
      case 'region':
      case 'exchange':
        return { title: node.id, about, body: <BackbonePanel node={node} onOpen={onOpen} /> };
      case undefined:
        return { title: subject.node, about, body: undefined };
    }
  }
  const edge = edgeOf(model, subject);
  if (subject.kind === 'region-link') {
    return {
      title: subject.between.join(' – '),
      about: `link between regions${edge ? `, ${STATUS_TEXTS[edge.status]}` : ''}`,
      body: edge && <RegionLinkPanel edge={edge} between={subject.between} />,
    };
  }
  const node = model.nodes.find(({ id }) => id === subject.node);
  const one = node?.is.interfaces.find(({ name }) => name === subject.interface);
  return {
    title: subject.interface,
    about: `interface of ${subject.node}`,
    body: node && one && <LinkPanel node={node} subject={one} model={model} onOpen={onOpen} />,
  };
}
