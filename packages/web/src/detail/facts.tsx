import { Anchor, Badge } from '@mantine/core';
import type { Counters, Interface } from '@netweir/api';
import type { ReactNode } from 'react';
import { select } from '../connection/selection.ts';
import { qdiscTree } from '../live/qdisc-tree.ts';
import { linkState } from '../spaces/state-dot.tsx';
import classes from './detail.module.css';
import { Fact } from './fact.tsx';

export function Facts({
  subject,
  counters,
}: {
  subject: Interface;
  counters: Counters;
}): ReactNode {
  return (
    <dl className={classes.facts}>
      <Fact name="State">
        {linkState(subject)} <span className="muted">({subject.operstate})</span>
      </Fact>
      <Fact name="Addresses">
        {subject.addresses.length === 0 && <span className="muted">none</span>}
        {subject.addresses.map(({ address, prefixLength, scope }) => (
          <div key={address}>
            <span className="mono">{`${address}/${prefixLength}`}</span>{' '}
            {scope !== 'global' && <span className="muted">{scope}</span>}
          </div>
        ))}
      </Fact>
      <Fact name="MAC">
        {subject.mac === null ? (
          <span className="muted">none</span>
        ) : (
          <span className="mono">{subject.mac}</span>
        )}
      </Fact>
      <Fact name="MTU">{subject.mtu.toLocaleString('en')} bytes</Fact>
      <Fact name="Number">{subject.ifindex}</Fact>
      {subject.master !== null && <Fact name="Master">{subject.master}</Fact>}
      {subject.network && (
        <Fact name="Network">
          {subject.network.name} <span className="muted">{networkText(subject.network)}</span>
        </Fact>
      )}
      {subject.rule !== null && (
        <Fact name="Set by">
          {subject.rule === 'labels' ? 'the labels of its container' : `rule ${subject.rule}`}
        </Fact>
      )}
      {subject.peer && (
        <Fact name="Peer">
          <Peer peer={subject.peer} />
        </Fact>
      )}
      <Fact name="Packets">
        {counters.rxPackets.toLocaleString('en')} received,{' '}
        {counters.txPackets.toLocaleString('en')} sent
      </Fact>
      <Fact name="Dropped">
        {counters.rxDropped.toLocaleString('en')} received,{' '}
        {counters.txDropped.toLocaleString('en')} sent
      </Fact>
      <Fact name="Errors">
        {counters.rxErrors.toLocaleString('en')} received, {counters.txErrors.toLocaleString('en')}{' '}
        sent
      </Fact>
      <Fact name="Queueing">
        {qdiscTree(subject.qdiscs).map(({ qdisc, depth }) => (
          <div key={`${qdisc.parent} ${qdisc.handle}`} style={{ paddingLeft: depth * 16 }}>
            <strong>{qdisc.kind}</strong>{' '}
            <span className="mono muted">
              {qdisc.handle} {qdisc.parent}
            </span>{' '}
            {qdisc.ours && (
              <Badge size="sm" variant="light" tt="none">
                netweir
              </Badge>
            )}
          </div>
        ))}
      </Fact>
    </dl>
  );
}

function Peer({ peer }: { peer: NonNullable<Interface['peer']> }): ReactNode {
  const { space, interface: name, ifindex } = peer;
  if (space === null || name === null) {
    return <span className="muted">number {ifindex} in a namespace not known here</span>;
  }
  return (
    <Anchor
      component="button"
      type="button"
      size="sm"
      onClick={() => select({ space, interface: name })}
    >
      {`${space}/${name}`}
    </Anchor>
  );
}

function networkText({ driver, gateways, internal }: NonNullable<Interface['network']>): string {
  const gateway = gateways.length > 0 ? `gateway ${gateways.join(', ')}` : '';
  return [driver, gateway, internal && 'internal'].filter(Boolean).join(' · ');
}
