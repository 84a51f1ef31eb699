import { CloseButton, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLabPlace } from '../connection/selection.ts';
import { ConnectionState } from './connection-state.tsx';
import classes from './header.module.css';
import { Mark } from './mark.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export interface HeaderProps {
  readonly hostname: string | undefined;
  readonly kernel: string | undefined;
  /** How many labs there are. */
  readonly labs: number | undefined;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
}

export function Header(props: HeaderProps): ReactNode {
  const { hostname, kernel, labs = 0 } = props;
  const isOfLabs = useLabPlace() !== undefined;
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        <div className={classes.brand}>
          <Mark size={30} />
          <h1>netweir</h1>
        </div>
        {hostname !== undefined && (
          <>
            <p className={classes.host}>
              <strong>{hostname}</strong>
              <span>Linux {kernel}</span>
            </p>
            <nav className={classes.views} aria-label="Views">
              <a href="#spaces" aria-current={isOfLabs ? undefined : 'page'}>
                Spaces
              </a>
              <a href="#labs" aria-current={isOfLabs ? 'page' : undefined}>
                Labs {labs > 0 && <span>{labs}</span>}
              </a>
            </nav>
          </>
        )}
        <div className={classes.tools}>
          <ConnectionState />
          <ThemeToggle />
        </div>
        {!isOfLabs && <Filter text={props.filter} onChange={props.onFilter} />}
      </div>
    </header>
  );
}

interface FilterProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
}

function Filter({ text, onChange }: FilterProps): ReactNode {
  return (
    <TextInput
      className={classes.filter ?? ''}
      type="search"
      aria-label="Filter interfaces"
      placeholder="Name, image, network, address, label=value …"
      leftSection={<Search size={16} aria-hidden />}
      rightSection={
        text && <CloseButton size="sm" aria-label="Empty the filter" onClick={() => onChange('')} />
      }
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
