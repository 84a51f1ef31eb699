import {
  type ImpairmentReport,
  type Interface,
  type InterfaceRef,
  type Mechanism,
  summarize,
} from '@netweir/api';
import { useQuery } from '@tanstack/react-query';
import { Waves } from 'lucide-react';
import type { ReactNode } from 'react';
import { daemon } from '../connection/daemon.ts';
import { isImpaired, WAY_NAMES, WAYS, type Way } from '../form/ways.ts';
import { TimeLeft } from '../spaces/impairment-badge.tsx';
import { WayArrow } from '../spaces/way-arrow.tsx';
import classes from './editor.module.css';

const REFRESH_MS = 2000;
const NO_BREAK_SPACE = '\u00a0';

const MECHANISMS: Readonly<Record<Mechanism, string>> = {
  netem: 'netem',
  tbf: 'tbf',
  userspace: 'the userspace engine',
};

/** What is done there now, by the account of who does it. */
export function Now({
  reference,
  subject,
}: {
  reference: InterfaceRef;
  subject: Interface;
}): ReactNode {
  const { egress, ingress, expiresAt } = subject;
  const { data: report } = useQuery({
    queryKey: ['impairment', reference, egress, ingress],
    queryFn: () => daemon.impairment(reference),
    refetchInterval: REFRESH_MS,
    enabled: isImpaired(subject),
  });
  if (!isImpaired(subject)) {
    return <p className={classes.calm}>netweir leaves this interface alone.</p>;
  }
  return (
    <div className={classes.now} role="status">
      <Waves size={18} aria-hidden />
      <div>
        {WAYS.map((way) => (
          <WayNow key={way} way={way} subject={subject} report={report} />
        ))}
        {expiresAt !== null && (
          <p>
            Ends by itself:
            <TimeLeft expiresAt={expiresAt} />
          </p>
        )}
        {typeof report?.original === 'string' && (
          <p>
            Clear puts back:<strong>{report.original}</strong>
          </p>
        )}
      </div>
    </div>
  );
}

interface WayNowProps {
  readonly way: Way;
  readonly subject: Interface;
  readonly report: ImpairmentReport | undefined;
}

function WayNow({ way, subject, report }: WayNowProps): ReactNode {
  const direction = subject[way];
  if (!direction) return null;
  const account = report && accountOf(report, way);
  return (
    <div>
      <p className={classes.wayHead}>
        <WayArrow way={way} />
        {WAY_NAMES[way]}
        <strong>{summarize(direction)}</strong>
      </p>
      {account && <p className="tabular">{account}</p>}
    </div>
  );
}

function accountOf(report: ImpairmentReport, way: Way): string {
  const mechanism = report[`${way}Mechanism`];
  const counters = report[`${way}Counters`];
  return [
    mechanism && `by ${MECHANISMS[mechanism]}`,
    counters &&
      `${figure(counters.sentPackets)} packets ${way === 'egress' ? 'sent' : 'delivered'}`,
    counters && `${figure(counters.droppedPackets)} dropped`,
    counters && `${figure(counters.queuedPackets)} waiting`,
  ]
    .filter((part) => part !== null)
    .map((part) => part.replaceAll(' ', NO_BREAK_SPACE))
    .join(`${NO_BREAK_SPACE}· `);
}

function figure(count: number): string {
  return count.toLocaleString('en');
}
