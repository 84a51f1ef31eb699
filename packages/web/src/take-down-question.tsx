import { Button, Group, Popover, Stack, Text } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { ErrorPanel } from './connection/error-panel.tsx';

export interface TakeDownQuestionProps {
  readonly label: string;
  readonly isAsked: boolean;
  /** Why it failed, which is shown in the question's place. */
  readonly error: Error | null;
  readonly isPending?: boolean;
  readonly onYes: () => void;
  readonly onClose: () => void;
  /** What is asked. */
  readonly children: ReactNode;
  /** What has been clicked: the question is below it. */
  readonly target: ReactElement;
}

/**
 * Asks before something is taken down, and tells why it could not be. The focus is on what leaves it up:
 * a key that is pressed once too often takes nothing down.
 */
export function TakeDownQuestion(props: TakeDownQuestionProps): ReactNode {
  const { label, isAsked, error, isPending = false, children, target } = props;
  return (
    <Popover
      opened={isAsked || error !== null}
      onChange={props.onClose}
      width={300}
      position="bottom-end"
      shadow="md"
      trapFocus
      returnFocus
    >
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown aria-label={label}>
        {error ? (
          <ErrorPanel error={error} />
        ) : (
          <Stack gap="xs">
            <Text size="sm">{children}</Text>
            <Group gap="xs">
              <Button size="xs" color="red" loading={isPending} onClick={props.onYes}>
                Take it down
              </Button>
              <Button size="xs" variant="default" data-autofocus onClick={props.onClose}>
                Leave it up
              </Button>
            </Group>
          </Stack>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
