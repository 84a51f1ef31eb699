import { Drawer, Loader } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, Suspense } from 'react';
import classes from './app.module.css';

export interface PanelProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Beside the list where there is room, so that the graphs stay in sight; over it where there is not. */
export function Panel({ label, onClose, children }: PanelProps): ReactNode {
  const isWide = useMediaQuery('(min-width: 75em)', undefined, { getInitialValueInEffect: false });
  const content = <Suspense fallback={<Loader m="xl" aria-label="Loading" />}>{children}</Suspense>;
  if (isWide) {
    return (
      <aside className={classes.beside} aria-label={label}>
        {content}
      </aside>
    );
  }
  return (
    <Drawer.Root opened onClose={onClose} position="right" size="min(100%, 760px)" padding={0}>
      <Drawer.Overlay />
      <Drawer.Content className={classes.over ?? ''} aria-label={label}>
        {content}
      </Drawer.Content>
    </Drawer.Root>
  );
}
