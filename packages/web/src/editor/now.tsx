import { Button } from '@mantine/core';
import { type ImpairmentReport, type Interface, type Mechanism, summarize } from '@netweir/api';
import { Waves } from 'lucide-react';
import { type ReactNode, useContext } from 'react';
import { counterParts, joined } from '../form/counters.ts';
import { matchSummary } from '../form/match-draft.ts';
import { isImpaired, WAY_NAMES, WAYS, type Way } from '../form/ways.ts';
import { TimeLeft } from '../spaces/impairment-badge.tsx';
import { WayArrow } from '../spaces/way-arrow.tsx';
import { count } from '../text/format.ts';
import classes from './editor.module.css';
import { ReportContext } from './report-context.ts';

const FIVE_MINUTES_MS = 300_000;

const MECHANISMS: Readonly<Record<Mechanism, string>> = {
  netem: 'netem',
  tbf: 'tbf',
  userspace: 'the userspace engine',
};

export interface NowProps {
  readonly subject: Interface;
  /** When it is to end by itself. */
  readonly expiresAt: string | null;
  /** Changes the time; absent while something is being changed. */
  readonly onProlong: ((byMs: number | undefined) => void) | undefined;
}

/** What is done there now, by the account of who does it, until when, and what was there before. */
export function Now({ subject, expiresAt, onProlong }: NowProps): ReactNode {
  const report = useContext(ReportContext);
  const { trafficRules } = subject;
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
        {trafficRules > 0 && (
          <p>
            <strong>{count(trafficRules, 'rule')}</strong> for part of its traffic
          </p>
        )}
        {!report?.provisionalUntil && <Term expiresAt={expiresAt} onProlong={onProlong} />}
        {report?.guarded.map((match) => (
          <p key={JSON.stringify(match)}>
            Untouched, as it is your own connection:<strong>{matchSummary(match)}</strong>
          </p>
        ))}
        {report?.persist && <p>It stays when the daemon ends.</p>}
        {typeof report?.original === 'string' && (
          <p>
            Clear puts back:<strong>{report.original}</strong>
          </p>
        )}
      </div>
    </div>
  );
}

type TermProps = Pick<NowProps, 'expiresAt' | 'onProlong'>;

/** Until when it lasts, and how that is changed. */
function Term({ expiresAt, onProlong }: TermProps): ReactNode {
  const button = (label: string, byMs: number | undefined): ReactNode => (
    <Button
      size="compact-xs"
      variant="default"
      disabled={onProlong === undefined}
      onClick={() => onProlong?.(byMs)}
    >
      {label}
    </Button>
  );
  if (expiresAt === null) {
    return <p>It stays until it is cleared. {button('End it in 5 min', FIVE_MINUTES_MS)}</p>;
  }
  return (
    <p>
      Ends by itself:
      <TimeLeft expiresAt={expiresAt} />
      {button('5 min more', FIVE_MINUTES_MS)}
      {button('Let it stay', undefined)}
    </p>
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
  return joined([
    ...(mechanism ? [`by ${MECHANISMS[mechanism]}`] : []),
    ...(way === 'ingress' && report.ingressAt
      ? [`at the other end, ${report.ingressAt.space}/${report.ingressAt.interface}`]
      : []),
    ...(counters ? counterParts(way, counters) : []),
  ]);
}
