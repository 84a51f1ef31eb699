import type { Inventory } from '@netweir/api';
import { Activity } from 'lucide-react';
import type { ReactNode } from 'react';
import { AddProbe } from './add-probe.tsx';
import { ProbeCard } from './probe-card.tsx';
import classes from './round-trips.module.css';

/** What is measured now, in sight while anything else is done. */
export function RoundTrips({ inventory }: { inventory: Inventory }): ReactNode {
  const { probes, spaces } = inventory;
  return (
    <section className={classes.strip} aria-labelledby="round-trips">
      <div className={classes.head}>
        <h2 id="round-trips">Round trips</h2>
        <span className={classes.aside}>measured by echo, last minute</span>
        <AddProbe spaces={spaces} probes={probes} />
      </div>
      {probes.length === 0 ? (
        <p className={classes.empty}>
          <Activity size={20} aria-hidden />
          <span>
            Nothing is measured yet. Add a round trip from a space to an address, then give an
            interface on the way some delay and watch it here.
          </span>
        </p>
      ) : (
        <div className={classes.cards}>
          {probes.map((probe) => (
            <ProbeCard
              key={probe.id}
              probe={probe}
              label={`Round trip ${probe.space} to ${probe.address}`}
              height={112}
            />
          ))}
        </div>
      )}
    </section>
  );
}
