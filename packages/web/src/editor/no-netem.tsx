import { Alert, Text } from '@mantine/core';
import type { Capabilities } from '@netweir/api';
import { useQuery } from '@tanstack/react-query';
import { Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { daemon } from '../connection/daemon.ts';
import { WithCode } from '../text/with-code.tsx';

/** What this host can do; it does not change while the daemon runs. */
export function useCapabilities(): Capabilities | undefined {
  const { data } = useQuery({
    queryKey: ['capabilities'],
    queryFn: () => daemon.capabilities(),
    staleTime: 60_000,
  });
  return data;
}

export function NoNetem({ capabilities }: { capabilities: Capabilities }): ReactNode {
  const check = capabilities.checks.find(({ id, ok }) => id.includes('netem') && !ok);
  return (
    <Alert
      variant="light"
      bg="var(--nw-accent-soft)"
      icon={<Info size={18} aria-hidden />}
      title="This kernel has no sch_netem"
    >
      <Text size="sm">
        Linux {capabilities.kernel} was built without it, so here only the rate can be limited.
      </Text>
      {check?.remedy && (
        <Text size="sm" mt={6}>
          <strong>What to do: </strong>
          <WithCode text={check.remedy} />
        </Text>
      )}
    </Alert>
  );
}
