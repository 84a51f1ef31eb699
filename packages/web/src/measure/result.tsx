import type { Comparison, Measurement, MeasurementVerdict } from '@netweir/api';
import { CircleCheck, CircleHelp, CircleX, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { findings, intervalText, ofWhat, quantityText } from '../text/measured.ts';
import { WithCode } from '../text/with-code.tsx';
import classes from './measure.module.css';

/** What was measured, and how each quantity that is set on the way came out. */
export function Result({ measurement }: { measurement: Measurement }): ReactNode {
  const { from, to, comparisons, wayKnown } = measurement;
  return (
    <div className={classes.result} role="status">
      <p>
        <strong>
          <span className="mono">{from.address}</span> to{' '}
          <span className="mono">{`${to.address}${to.port === null ? '' : `, port ${to.port}`}`}</span>
        </strong>
        <span className="muted"> · {findings(measurement).join(' · ')}</span>
      </p>
      {comparisons.length > 0 ? (
        <Comparisons comparisons={comparisons} />
      ) : (
        <p className="muted">Nothing is set on the way that these packets took.</p>
      )}
      {!wayKnown && (
        <p className="muted">
          Part of the way is not known here: what others do there is in these figures, too.
        </p>
      )}
    </div>
  );
}

function Comparisons({ comparisons }: { comparisons: readonly Comparison[] }): ReactNode {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Quantity</th>
          <th scope="col">Set</th>
          <th scope="col">Achieved</th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      {comparisons.map((one) => (
        <Row key={`${one.heading} ${one.by} ${one.quantity}`} comparison={one} />
      ))}
    </table>
  );
}

function Row({ comparison }: { comparison: Comparison }): ReactNode {
  const { quantity, unit, set, achieved, verdict, hints } = comparison;
  const interval = intervalText(comparison);
  return (
    <tbody>
      <tr>
        <th scope="row">
          {quantity}
          <small>{ofWhat(comparison)}</small>
        </th>
        <td data-label="Set">{quantityText(set, unit)}</td>
        <td data-label="Achieved">
          <strong>{quantityText(achieved, unit)}</strong>
          {interval && <small title="99% confidence interval">{interval}</small>}
        </td>
        <td data-label="Verdict">
          <Verdict verdict={verdict} />
        </td>
      </tr>
      {hints.length > 0 && (
        <tr className={classes.hints}>
          <td colSpan={4}>
            {hints.map((hint) => (
              <p key={hint}>
                <WithCode text={hint} />
              </p>
            ))}
          </td>
        </tr>
      )}
    </tbody>
  );
}

const ICONS: Readonly<Record<MeasurementVerdict, LucideIcon>> = {
  'as set': CircleCheck,
  differs: CircleX,
  unclear: CircleHelp,
};

function Verdict({ verdict }: { verdict: MeasurementVerdict }): ReactNode {
  const Icon = ICONS[verdict];
  return (
    <span className={classes.verdict} data-verdict={verdict}>
      <Icon size={15} aria-hidden />
      {verdict}
    </span>
  );
}
