import { type ImpairmentReport, type Interface, type InterfaceRef, summarize } from '@netweir/api';
import { useQuery } from '@tanstack/react-query';
import { Waves } from 'lucide-react';
import type { ReactNode } from 'react';
import { daemon } from '../connection/daemon.ts';
import { TimeLeft } from '../spaces/impairment-badge.tsx';
import classes from './editor.module.css';

const REFRESH_MS = 2000;

/** What the kernel does there now, by its own account. */
export function Now({
  reference,
  subject,
}: {
  reference: InterfaceRef;
  subject: Interface;
}): ReactNode {
  const { egress, expiresAt } = subject;
  const report = useQuery({
    queryKey: ['impairment', reference, egress],
    queryFn: () => daemon.impairment(reference),
    refetchInterval: REFRESH_MS,
    enabled: egress !== null,
  });
  if (!egress) return <p className={classes.calm}>netweir leaves this interface alone.</p>;
  return (
    <div className={classes.now} role="status">
      <Waves size={18} aria-hidden />
      <div>
        <p>
          <strong>{summarize(egress)}</strong>
          {expiresAt !== null && <TimeLeft expiresAt={expiresAt} />}
        </p>
        {report.data && <Account report={report.data} />}
      </div>
    </div>
  );
}

function Account({ report }: { report: ImpairmentReport }): ReactNode {
  const { mechanism, original, counters } = report;
  const figures = counters && [
    `${counters.sentPackets.toLocaleString('en')} packets sent`,
    `${counters.droppedPackets.toLocaleString('en')} dropped`,
    `${counters.queuedPackets.toLocaleString('en')} waiting`,
  ];
  return (
    <>
      <p className="tabular">
        {[mechanism && `By ${mechanism}`, ...(figures ?? [])].filter(Boolean).join(' · ')}
      </p>
      {original !== null && (
        <p>
          Clear puts back:&ensp;<strong>{original}</strong>
        </p>
      )}
    </>
  );
}
