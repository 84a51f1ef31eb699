import { ActionIcon } from '@mantine/core';
import type { Probe } from '@netweir/api';
import { useMutation } from '@tanstack/react-query';
import { ArrowRight, X } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { daemon } from '../connection/daemon.ts';
import { ErrorPanel } from '../connection/error-panel.tsx';
import { roundTripOf } from '../live/round-trip.ts';
import { RoundTripPlot } from '../plot/lazy.tsx';
import { roundTripTime } from '../text/format.ts';
import classes from './round-trips.module.css';

export interface ProbeCardProps {
  readonly probe: Probe;
  readonly label: string;
  readonly height: number;
}

export const ProbeCard = memo(function ProbeCard({
  probe,
  label,
  height,
}: ProbeCardProps): ReactNode {
  const { currentMs, medianMs, lost, sent } = roundTripOf(probe.samples);
  const removal = useMutation({ mutationFn: () => daemon.deleteProbe(probe.id) });
  const current = currentMs === null ? (sent === 0 ? 'waiting' : 'lost') : roundTripTime(currentMs);
  return (
    <article
      className={classes.card}
      aria-label={label}
      data-probe={probe.id}
      data-rtt-ms={currentMs ?? ''}
    >
      <div className={classes.inner}>
        <div>
          <div className={classes.path}>
            <span title={probe.space}>{probe.space}</span>
            <ArrowRight size={14} aria-label="to" />
            <span className="mono" title={probe.address}>
              {probe.address}
            </span>
            <ActionIcon
              className={classes.remove ?? ''}
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Stop measuring ${probe.space} to ${probe.address}`}
              loading={removal.isPending}
              onClick={() => removal.mutate()}
            >
              <X size={15} aria-hidden />
            </ActionIcon>
          </div>
          <div className={classes.figures}>
            <span className={classes.current} data-lost={currentMs === null && sent > 0}>
              {current}
            </span>
            <span className="muted tabular">
              {medianMs !== null && `median ${roundTripTime(medianMs)} · `}
              {lost === 0 ? 'none lost' : `${lost} of ${sent} lost`}
            </span>
          </div>
        </div>
        <RoundTripPlot
          label={`Graph: ${current} now, median ${medianMs === null ? 'unknown' : roundTripTime(medianMs)}`}
          samples={probe.samples}
          height={height}
        />
      </div>
      {removal.isError && <ErrorPanel error={removal.error} />}
    </article>
  );
});
