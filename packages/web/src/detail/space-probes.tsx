import { Button } from '@mantine/core';
import type { Interface, Inventory, Space } from '@netweir/api';
import { useMutation } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import type { ReactNode } from 'react';
import { daemon } from '../connection/daemon.ts';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { probeIdFor } from '../live/probe-id.ts';
import { ProbeCard } from '../round-trips/probe-card.tsx';
import classes from './detail.module.css';

export interface SpaceProbesProps {
  readonly space: Space;
  readonly subject: Interface;
  readonly inventory: Inventory;
}

/** What is measured from this space; if the other end has an address, it is one click away. */
export function SpaceProbes({ space, subject, inventory }: SpaceProbesProps): ReactNode {
  const probes = inventory.probes.filter((probe) => probe.space === space.id);
  const other = peerAddress(subject, inventory);
  const isMeasured = probes.some(({ address }) => address === other);
  const addition = useMutation({
    mutationFn: (address: string) => {
      const request = { space: space.id, address };
      return daemon.putProbe(probeIdFor(request, inventory.probes), request);
    },
  });
  return (
    <div className={classes.probes}>
      {probes.map((probe) => (
        <ProbeCard
          key={probe.id}
          probe={probe}
          label={`Measured ${probe.space} to ${probe.address}`}
          height={140}
        />
      ))}
      {other !== undefined && !isMeasured && (
        <Button
          variant="default"
          leftSection={<Activity size={16} aria-hidden />}
          loading={addition.isPending}
          onClick={() => addition.mutate(other)}
        >
          Measure to the other end, {other}
        </Button>
      )}
      {probes.length === 0 && other === undefined && (
        <p className="muted">Nothing is measured from here. Add a round trip above the list.</p>
      )}
      {addition.isError && <ErrorPanel error={addition.error} />}
    </div>
  );
}

function peerAddress({ peer }: Interface, { spaces }: Inventory): string | undefined {
  const addresses = spaces
    .find(({ id }) => id === peer?.space)
    ?.interfaces.find(({ name }) => name === peer?.interface)?.addresses;
  return addresses?.find(({ scope }) => scope === 'global')?.address;
}
