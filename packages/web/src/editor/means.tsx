import { Alert, Text } from '@mantine/core';
import type { Capabilities } from '@netweir/api';
import { useQuery } from '@tanstack/react-query';
import { Info } from 'lucide-react';
import type { ReactNode } from 'react';
import { daemon } from '../connection/daemon.ts';
import type { Lack, Offer } from '../form/offer.ts';
import { WithCode } from '../text/with-code.tsx';
import classes from './editor.module.css';

/** What this host can do; it does not change while the daemon runs. */
export function useCapabilities(): Capabilities | undefined {
  const { data } = useQuery({
    queryKey: ['capabilities'],
    queryFn: () => daemon.capabilities(),
    staleTime: 60_000,
  });
  return data;
}

export interface MeansProps {
  readonly capabilities: Capabilities;
  readonly offer: Offer;
}

/** By what means this host impairs, where that is not plain netem, and what it cannot do. */
export function Means({ capabilities, offer }: MeansProps): ReactNode {
  if (offer.lack) return <Lacking capabilities={capabilities} offer={offer} />;
  if (capabilities.netem) return null;
  return (
    <p className={classes.by}>
      This kernel has no sch_netem; netweir's own userspace engine stands in.
    </p>
  );
}

interface Explanation {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string | undefined;
}

function Lacking({ capabilities, offer }: MeansProps): ReactNode {
  if (!offer.lack) return null;
  const { title, cause, remedy } = EXPLAIN[offer.lack](capabilities, offer);
  return (
    <Alert
      variant="light"
      bg="var(--nw-accent-soft)"
      icon={<Info size={18} aria-hidden />}
      title={title}
    >
      <Text size="sm">{cause}</Text>
      {remedy && (
        <Text size="sm" mt={6}>
          <strong>What to do: </strong>
          <WithCode text={remedy} />
        </Text>
      )}
    </Alert>
  );
}

const OWN_ENGINE =
  "Under Options, let the engine be automatic: netweir's own needs no kernel module.";

const EXPLAIN: Readonly<Record<Lack, (host: Capabilities, offer: Offer) => Explanation>> = {
  'no-netem': (host, { can }) => ({
    title: 'This kernel has no sch_netem',
    cause: `Linux ${host.kernel} was built without it, so ${
      can === 'rate' ? 'the kernel can only limit the rate' : 'the kernel can do nothing here'
    }.`,
    remedy: host.userspace ? OWN_ENGINE : remedyOf(host, 'netem'),
  }),
  'no-ifb': (host) => ({
    title: 'This kernel has no ifb',
    cause: 'Without one its qdiscs work on what is sent only.',
    remedy: host.userspace ? OWN_ENGINE : (remedyOf(host, 'ifb') ?? remedyOf(host, 'userspace')),
  }),
  'no-userspace': (host) => ({
    title: "netweir's own engine does not work here",
    cause: `It is needed for this, but ${checkOf(host, 'userspace')?.detail ?? 'the host does not offer it'}.`,
    remedy: remedyOf(host, 'userspace'),
  }),
};

function checkOf({ checks }: Capabilities, id: string): Capabilities['checks'][number] | undefined {
  return checks.find((check) => check.id === id && !check.ok);
}

function remedyOf(capabilities: Capabilities, id: string): string | undefined {
  return checkOf(capabilities, id)?.remedy;
}
