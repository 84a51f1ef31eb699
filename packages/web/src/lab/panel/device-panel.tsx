import type { LabDevice } from '@netweir/api';
import type { ReactNode } from 'react';
import detail from '../../detail/detail.module.css';
import { Fact } from '../../detail/fact.tsx';
import type { Subject } from '../model/place.ts';
import { bothText } from '../model/words.ts';
import { InterfaceList } from './interface-list.tsx';
import { Part } from './part.tsx';
import { RunHere } from './run-here.tsx';

export interface DevicePanelProps {
  readonly device: LabDevice;
  readonly onOpen: (subject: Subject) => void;
}

export function DevicePanel({ device, onOpen }: DevicePanelProps): ReactNode {
  const { name, defaultInterface, interfaces } = device;
  return (
    <>
      <Part title="Facts">
        <dl className={detail.facts}>
          <Fact name="Addresses">
            <span className="mono">{bothText(device)}</span>
          </Fact>
          <Fact name="Default route">{defaultInterface ?? 'none'}</Fact>
        </dl>
      </Part>
      <InterfaceList
        node={name}
        interfaces={interfaces}
        defaultInterface={defaultInterface}
        onOpen={onOpen}
      />
      <RunHere node={name} />
    </>
  );
}
