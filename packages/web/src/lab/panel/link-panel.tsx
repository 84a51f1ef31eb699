import { Anchor, Button, NativeSelect } from '@mantine/core';
import type { LabDevice, LabInterface } from '@netweir/api';
import { type ReactNode, useContext } from 'react';
import { select } from '../../connection/selection.ts';
import detail from '../../detail/detail.module.css';
import { Fact } from '../../detail/fact.tsx';
import { type LabModel, type LabNode, STATUS_TEXTS, statusOf } from '../model/lab-model.ts';
import { type Subject, spaceOfNode } from '../model/place.ts';
import { LabContext, useChange } from '../use-change.ts';
import { ConditionsPart } from './conditions.tsx';
import { MtuField } from './mtu-field.tsx';
import classes from './panel.module.css';
import { Part } from './part.tsx';
import { Traffic } from './traffic.tsx';
import { UpSwitch } from './up-switch.tsx';
import { useWritten } from './use-written.ts';

export interface LinkPanelProps {
  readonly node: LabNode;
  readonly subject: LabInterface;
  readonly model: LabModel;
  readonly onOpen: (subject: Subject) => void;
}

/** An interface of a node, and by that the link that it is an end of. */
export function LinkPanel({ node, subject, model, onOpen }: LinkPanelProps): ReactNode {
  const { id } = node;
  const lab = useContext(LabContext);
  const { name, ifindex, mtu } = subject;
  return (
    <>
      <State node={node} subject={subject} onOpen={onOpen} />
      <Traffic space={spaceOfNode(lab, id)} ifindex={ifindex} />
      <ConditionsPart subject={{ kind: 'link', node: id, interface: name }} now={subject} />
      {node.kind === 'device' && <Routing device={node.is} subject={subject} model={model} />}
      <MtuField node={id} name={name} mtu={mtu} />
      <Part title="Facts">
        <dl className={detail.facts}>
          <Fact name="Addresses">
            {subject.addresses.map(({ address, prefixLength, scope }) => (
              <div key={address}>
                <span className="mono">{`${address}/${prefixLength}`}</span>{' '}
                {scope !== 'global' && <span className="muted">{scope}</span>}
              </div>
            ))}
          </Fact>
          <Fact name="MAC">
            <span className="mono">{subject.mac ?? 'none'}</span>
          </Fact>
          <Fact name="In the list">
            <Anchor
              component="button"
              type="button"
              size="sm"
              onClick={() => select({ space: spaceOfNode(lab, id), interface: name })}
            >
              {`${spaceOfNode(lab, id)}/${name}`}
            </Anchor>
          </Fact>
        </dl>
      </Part>
    </>
  );
}

function State({ node, subject, onOpen }: Omit<LinkPanelProps, 'model'>): ReactNode {
  const change = useChange();
  const { name, to } = subject;
  const isDefault = node.kind === 'device' && node.is.defaultInterface === name;
  return (
    <Part title="Link" change={change}>
      <div className={classes.state}>
        <span>
          <Node name={node.id} onOpen={onOpen} /> –{' '}
          {to === null ? 'its network' : <Node name={to} onOpen={onOpen} />}
          <span className="muted">
            {' '}
            · {STATUS_TEXTS[statusOf(subject)]}
            {isDefault && ' · default route'}
          </span>
        </span>
        <UpSwitch node={node.id} subject={subject} change={change} label="Link up" />
      </div>
    </Part>
  );
}

function Node({ name, onOpen }: { name: string; onOpen: LinkPanelProps['onOpen'] }): ReactNode {
  return (
    <Anchor
      component="button"
      type="button"
      size="sm"
      onClick={() => onOpen({ kind: 'node', node: name })}
    >
      {name}
    </Anchor>
  );
}

interface RoutingProps {
  readonly device: LabDevice;
  readonly subject: LabInterface;
  readonly model: LabModel;
}

/** What only a device's interface can: another router, the default routes, another address. */
function Routing({ device, subject, model }: RoutingProps): ReactNode {
  const change = useChange();
  const { name: node, defaultInterface } = device;
  const { name } = subject;
  const routers = model.nodes.filter(({ kind }) => kind === 'router').map(({ id }) => id);
  const plugged = subject.to ?? '';
  const [to, choose] = useWritten(plugged);
  return (
    <Part title="Plug and address" change={change}>
      <div className={classes.row}>
        <NativeSelect
          label="Plugged in at"
          data={routers}
          value={to}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={to === plugged || change.isPending}
          onClick={() => change.mutate({ type: 'replug', node, interface: name, to })}
        >
          Replug
        </Button>
      </div>
      <div className={classes.buttons}>
        <Button
          size="xs"
          variant="default"
          disabled={name === defaultInterface || change.isPending}
          onClick={() => change.mutate({ type: 'default-route', node, interface: name })}
        >
          Make it the default route
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={change.isPending}
          onClick={() => change.mutate({ type: 'renew-address', node, interface: name })}
        >
          Renew its addresses
        </Button>
      </div>
    </Part>
  );
}
