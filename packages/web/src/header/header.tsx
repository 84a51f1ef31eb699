import { CloseButton, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { ConnectionState } from './connection-state.tsx';
import classes from './header.module.css';
import { Mark } from './mark.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

export interface HeaderProps {
  readonly hostname: string | undefined;
  readonly kernel: string | undefined;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
}

export function Header({ hostname, kernel, filter, onFilter }: HeaderProps): ReactNode {
  return (
    <header className={classes.header}>
      <div className={classes.inner}>
        <div className={classes.brand}>
          <Mark size={30} />
          <h1>netweir</h1>
        </div>
        {hostname !== undefined && (
          <p className={classes.host}>
            <strong>{hostname}</strong>
            <span>Linux {kernel}</span>
          </p>
        )}
        <div className={classes.tools}>
          <ConnectionState />
          <ThemeToggle />
        </div>
        <TextInput
          className={classes.filter ?? ''}
          type="search"
          aria-label="Filter interfaces"
          placeholder="Name, image, network, address, label=value …"
          leftSection={<Search size={16} aria-hidden />}
          rightSection={
            filter && (
              <CloseButton size="sm" aria-label="Empty the filter" onClick={() => onFilter('')} />
            )
          }
          value={filter}
          onChange={(event) => onFilter(event.currentTarget.value)}
        />
      </div>
    </header>
  );
}
