import { Code } from '@mantine/core';
import type { ReactNode } from 'react';

/** A message with what stands between backticks set as code. */
export function WithCode({ text }: { text: string }): ReactNode {
  return (
    text
      .split('`')
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one fixed text never move
      .map((piece, at) => (at % 2 === 1 ? <Code key={at}>{piece}</Code> : piece))
  );
}
