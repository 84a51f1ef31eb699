import { Code } from '@mantine/core';
import type { Inventory, LabSummary } from '@netweir/api';
import { Network } from 'lucide-react';
import type { ReactNode } from 'react';
import { LabView } from './lab-view.tsx';
import classes from './labs.module.css';
import { addressOf, type LabPlace } from './model/place.ts';

export interface LabsProps {
  readonly inventory: Inventory;
  readonly place: LabPlace;
}

/** The labs of the daemon: the one in the address, or the only one, or a choice. */
export default function Labs({ inventory: { labs }, place }: LabsProps): ReactNode {
  const [only, ...others] = labs;
  const name = place.lab ?? (others.length === 0 ? only?.name : undefined);
  if (name === undefined) {
    return <main className={classes.page}>{only ? <Choice labs={labs} /> : <NoLab />}</main>;
  }
  const summary = labs.find((lab) => lab.name === name);
  if (!summary) return <Gone name={name} labs={labs} />;
  return <LabView key={name} summary={summary} labs={labs} subject={place.subject} />;
}

function Choice({ labs }: { labs: readonly LabSummary[] }): ReactNode {
  return (
    <section aria-labelledby="labs">
      <h2 id="labs" className={classes.heading}>
        Labs
      </h2>
      <ul className={classes.choice}>
        {labs.map(({ name, nodes, createdAt }) => (
          <li key={name}>
            <a href={addressOf({ lab: name, subject: undefined })}>
              <Network size={18} aria-hidden />
              <strong>{name}</strong>
              <span>
                {nodes.length} nodes · since {new Date(createdAt).toLocaleString('en-GB')}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoLab(): ReactNode {
  return (
    <section className={classes.none} aria-labelledby="labs">
      <Network size={34} aria-hidden />
      <h2 id="labs">No lab runs</h2>
      <p>
        A lab is a network of routers and devices in which real programs run. Start one beside this
        daemon, and it is here:
      </p>
      <Code className={classes.command ?? ''}>netweir lab up FILE</Code>
      <p className="muted">
        The folder <Code>labs</Code> of netweir has files to begin with, such as{' '}
        <Code>labs/home-nat.toml</Code>.
      </p>
    </section>
  );
}

function Gone({ name, labs }: { name: string; labs: readonly LabSummary[] }): ReactNode {
  return (
    <main className={classes.page}>
      <p className={classes.gone} role="status">
        There is no lab <strong>{name}</strong> any more.
      </p>
      {labs.length > 0 ? <Choice labs={labs} /> : <NoLab />}
    </main>
  );
}
