import { CopyButton } from '@mantine/core';
import type { Container } from '@netweir/api';
import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { portText, RUNTIME_NAMES, shortId } from '../live/containers.ts';
import { INTERNAL_MEANS } from '../spaces/network-badge.tsx';
import classes from './detail.module.css';
import { Fact } from './fact.tsx';

const NONE = <span className="muted">none</span>;

/** What the runtime says of a container. */
export function ContainerFacts({ container }: { container: Container }): ReactNode {
  const { compose, pod, networks, ports, labels } = container;
  return (
    <dl className={classes.facts}>
      <Fact name="Image">{container.image ?? <span className="muted">not known</span>}</Fact>
      <Fact name="Id">
        <CopyableId id={container.id} />
      </Fact>
      <Fact name="State">
        <State container={container} />
      </Fact>
      {container.createdAt !== null && (
        <Fact name="Created">
          <time dateTime={container.createdAt}>
            {new Date(container.createdAt).toLocaleString('en-GB')}
          </time>
        </Fact>
      )}
      {compose && (
        <Fact name="Compose">
          project {compose.project}, service {compose.service}
        </Fact>
      )}
      {pod && (
        <Fact name="Pod">{pod.namespace === '' ? pod.name : `${pod.namespace}/${pod.name}`}</Fact>
      )}
      <Fact name="Networks">
        {networks.length === 0 && NONE}
        {networks.map((network) => (
          <Network key={network.name} network={network} />
        ))}
      </Fact>
      <Fact name="Ports">
        {ports.length === 0 && NONE}
        {ports.map((port) => (
          <div key={portText(port)} className="mono">
            {portText(port)}
          </div>
        ))}
      </Fact>
      <Labels labels={labels} />
    </dl>
  );
}

function State({ container }: { container: Container }): ReactNode {
  const { state, pid, runtime, rootless, endpoint } = container;
  return (
    <>
      {state}
      {pid !== null && `, process ${pid}`}{' '}
      <span className="muted">
        by {RUNTIME_NAMES[runtime]}
        {rootless && ', rootless'}
        {endpoint === null && ', told by its processes only'}
      </span>
    </>
  );
}

function CopyableId({ id }: { id: string }): ReactNode {
  return (
    <CopyButton value={id}>
      {({ copied, copy }) => {
        const Icon = copied ? Check : Copy;
        return (
          <button
            type="button"
            className={classes.copy}
            aria-label={`${shortId(id)}: copy the whole id`}
            onClick={copy}
          >
            <span className="mono">{shortId(id)}</span>
            <Icon size={14} aria-hidden />
            {copied && <span role="status">copied</span>}
          </button>
        );
      }}
    </CopyButton>
  );
}

function Network({ network }: { network: Container['networks'][number] }): ReactNode {
  const { name, driver, gateways, addresses, internal } = network;
  const parts = [
    driver,
    gateways.length > 0 && `gateway ${gateways.join(', ')}`,
    addresses.join(', '),
  ].filter(Boolean);
  return (
    <div>
      <strong>{name}</strong> <span className="muted">{parts.join(' · ')}</span>
      {internal && <div className="muted">Internal. {INTERNAL_MEANS}</div>}
    </div>
  );
}

function Labels({ labels }: Pick<Container, 'labels'>): ReactNode {
  const entries = Object.entries(labels);
  return (
    <Fact name="Labels">
      {entries.length === 0 ? (
        NONE
      ) : (
        <details>
          <summary>{entries.length} of them</summary>
          {entries.map(([key, value]) => (
            <div key={key} className="mono">
              {key}={value}
            </div>
          ))}
        </details>
      )}
    </Fact>
  );
}
