import { Alert, Code, Text } from '@mantine/core';
import { ERRORS, isNetweirError } from '@netweir/api';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { WithCode } from '../text/with-code.tsx';

/** An error with its cause and what can be done about it. */
export function ErrorPanel({ error }: { error: unknown }): ReactNode {
  const known = isNetweirError(error) ? error : undefined;
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <Alert
      color="red"
      bg="var(--nw-bad-soft)"
      icon={<CircleAlert size={18} aria-hidden />}
      title={ERRORS[known?.code ?? 'internal'].title}
      role="alert"
    >
      <Text size="sm">
        <WithCode text={detail} />
      </Text>
      {known?.remedy && (
        <Text size="sm" mt={6}>
          <strong>What to do: </strong>
          <WithCode text={known.remedy} />
        </Text>
      )}
      {known && (
        <Text size="xs" mt={6}>
          Code <Code>{known.code}</Code>
        </Text>
      )}
    </Alert>
  );
}
