import type { LabInterface } from '@netweir/api';
import type { ReactNode } from 'react';
import { STATUS_TEXTS, statusOf } from '../model/lab-model.ts';
import type { Subject } from '../model/place.ts';
import { conditionText } from '../model/words.ts';
import { useChange } from '../use-change.ts';
import classes from './panel.module.css';
import { Part } from './part.tsx';
import { UpSwitch } from './up-switch.tsx';

export interface InterfaceListProps {
  readonly node: string;
  readonly interfaces: readonly LabInterface[];
  readonly defaultInterface?: string | null;
  readonly onOpen: (subject: Subject) => void;
}

/** The interfaces of a node, each of which opens, and goes up and down. */
export function InterfaceList(props: InterfaceListProps): ReactNode {
  const { node, interfaces, defaultInterface, onOpen } = props;
  const change = useChange();
  return (
    <Part title="Interfaces" change={change}>
      <ul className={classes.interfaces}>
        {interfaces.map((one) => (
          <li key={one.ifindex}>
            <div>
              <button
                type="button"
                className={classes.open}
                onClick={() => onOpen({ kind: 'link', node, interface: one.name })}
              >
                {one.name}
              </button>{' '}
              <span className="muted">
                {one.to === null ? 'its network' : `to ${one.to}`}
                {one.name === defaultInterface && ' · default route'}
              </span>
              <p className="mono muted">{addressText(one)}</p>
              <Conditions of={one} />
            </div>
            <UpSwitch
              node={node}
              subject={one}
              change={change}
              label={STATUS_TEXTS[statusOf(one)]}
              name={`${one.name} up`}
            />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Conditions({ of: { egress, ingress } }: { of: LabInterface }): ReactNode {
  if (egress === null && ingress === null) return null;
  return (
    <p className={classes.conditions}>
      sends {conditionText(egress) || 'clean'}, receives {conditionText(ingress) || 'clean'}
    </p>
  );
}

function addressText({ addresses }: LabInterface): string {
  const shown = addresses.filter(({ scope }) => scope !== 'link');
  return shown.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(' ');
}
