import { Code } from '@mantine/core';
import { type ReactNode, useContext } from 'react';
import { LabContext } from '../use-change.ts';
import classes from './panel.module.css';
import { Part } from './part.tsx';

/** How a program is run in a node. */
export function RunHere({ node }: { node: string }): ReactNode {
  const lab = useContext(LabContext);
  return (
    <Part title="Run a program here">
      <Code
        block
        className={classes.command ?? ''}
      >{`netweir lab exec ${lab}/${node} -- COMMAND\nnetweir lab shell ${lab}/${node}`}</Code>
    </Part>
  );
}
