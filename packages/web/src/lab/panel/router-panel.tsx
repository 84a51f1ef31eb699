import { Button, Switch } from '@mantine/core';
import {
  type Firewall,
  FirewallName,
  type LabRouter,
  type Nat,
  NatName,
  NatV6,
} from '@netweir/api';
import type { ReactNode } from 'react';
import detail from '../../detail/detail.module.css';
import { Fact } from '../../detail/fact.tsx';
import type { LabModel } from '../model/lab-model.ts';
import type { Subject } from '../model/place.ts';
import { bothText, kindText } from '../model/words.ts';
import { useChange } from '../use-change.ts';
import { InterfaceList } from './interface-list.tsx';
import { KindSelect } from './kind-select.tsx';
import classes from './panel.module.css';
import { Part } from './part.tsx';
import { RunHere } from './run-here.tsx';

export interface RouterPanelProps {
  readonly router: LabRouter;
  readonly model: LabModel;
  readonly onOpen: (subject: Subject) => void;
}

export function RouterPanel({ router, model, onOpen }: RouterPanelProps): ReactNode {
  const { name, region, ip, downlink, interfaces } = router;
  return (
    <>
      <Translation router={router} />
      <Filtering router={router} />
      <InterfaceList node={name} interfaces={interfaces} onOpen={onOpen} />
      <Part title="Facts">
        <dl className={detail.facts}>
          <Fact name="Protocols">{ip}</Fact>
          {region !== null && <Fact name="Region">{region}</Fact>}
          <Fact name="Its network">
            <span className="mono">{bothText(downlink)}</span>
          </Fact>
          <Details name="NAT" of={router.nat} />
          <Details name="Firewall" of={router.firewall} />
        </dl>
      </Part>
      <Uplink router={router} model={model} />
      <RunHere node={name} />
    </>
  );
}

/** What a kind of one's own consists of. */
function Details({ name, of }: { name: string; of: Nat | Firewall }): ReactNode {
  if (typeof of === 'string') return null;
  return (
    <Fact name={name}>
      {Object.entries(of).map(([key, value]) => (
        <div key={key}>
          <span className="muted">{key}</span>{' '}
          {typeof value === 'object' ? JSON.stringify(value) : String(value)}
        </div>
      ))}
    </Fact>
  );
}

function Translation({ router: { name: node, nat, natV6 } }: { router: LabRouter }): ReactNode {
  const change = useChange();
  return (
    <Part title="Address translation" change={change}>
      <div className={classes.fields}>
        <KindSelect
          label="NAT of IPv4"
          kinds={NatName.options}
          now={kindText(nat)}
          disabled={change.isPending}
          onChoose={(kind) => change.mutate({ type: 'nat', node, nat: kind })}
        />
        <KindSelect
          label="NAT of IPv6"
          kinds={NatV6.options}
          now={natV6}
          disabled={change.isPending}
          onChoose={(kind) => change.mutate({ type: 'nat-v6', node, natV6: kind })}
        />
      </div>
      <div className={classes.buttons}>
        <Button
          size="xs"
          variant="default"
          disabled={change.isPending}
          onClick={() => change.mutate({ type: 'flush-nat', node })}
        >
          Flush NAT
        </Button>
        <span className="muted">
          {change.isSuccess && change.variables.type === 'flush-nat'
            ? 'Flushed: no connection is translated any more that was before.'
            : 'Connections that stand keep their translation until then.'}
        </span>
      </div>
    </Part>
  );
}

function Filtering({ router }: { router: LabRouter }): ReactNode {
  const { name: node, firewall, blockFragNeeded } = router;
  const change = useChange();
  return (
    <Part title="Filtering" change={change}>
      <div className={classes.fields}>
        <KindSelect
          label="Firewall"
          kinds={FirewallName.options}
          now={kindText(firewall)}
          disabled={change.isPending}
          onChoose={(kind) => change.mutate({ type: 'firewall', node, firewall: kind })}
        />
      </div>
      <Switch
        mt="sm"
        label="Block “packet too big” messages, so that path MTU discovery fails"
        checked={blockFragNeeded}
        disabled={change.isPending}
        onChange={() => change.mutate({ type: 'block-frag-needed', node, block: !blockFragNeeded })}
      />
    </Part>
  );
}

function Uplink({ router, model }: { router: LabRouter; model: LabModel }): ReactNode {
  const { name: node, upstream } = router;
  const change = useChange();
  // A router of a region leads to its backbone, which it does not leave.
  const places = model.nodes.filter(
    ({ kind, id }) => id === upstream || (kind !== 'device' && kind !== 'region' && id !== node),
  );
  return (
    <Part title="Uplink" change={change}>
      <KindSelect
        label="Leads to"
        kinds={places.map(({ id }) => id)}
        now={upstream}
        disabled={change.isPending}
        onChoose={(to) => change.mutate({ type: 'uplink', node, to })}
      />
    </Part>
  );
}
