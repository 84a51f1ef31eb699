import { type EngineChoice, type Impairment, summarize } from '@netweir/api';
import type { Checked } from './check.ts';
import { type Lease, leaseProblem, leaseTime } from './lease.ts';
import { allows, type HostMeans, offerOf } from './offer.ts';
import { type InForce, type PerWay, WAY_NAMES, WAYS, type Way } from './ways.ts';

/** What Apply would send, or why it is closed. */
export type Wanted =
  | { readonly ok: true; readonly impairment: Impairment }
  | { readonly ok: false; readonly reason: string };

export interface Form {
  readonly checked: PerWay<Checked>;
  readonly engine: EngineChoice;
  readonly lease: Lease;
  readonly host: HostMeans | undefined;
}

/** Both directions as one impairment; a direction that the fields leave untouched is not in it. */
export function wantedFrom({ checked, engine, lease, host }: Form): Wanted {
  const impairment: Impairment = {};
  for (const way of WAYS) {
    const one = checked[way];
    const name = WAY_NAMES[way];
    if (!one.ok) return closed(`A field under ${name} needs another value.`);
    if (one.untouched) continue;
    if (!allows(offerOf(host, engine, way), one.direction)) {
      return closed(`The engine cannot do here what is set under ${name}.`);
    }
    impairment[way] = one.direction;
  }
  if (leaseProblem(lease) !== undefined) return closed('The time needs another value.');
  if (Object.keys(impairment).length === 0) return closed('Set a value above.');
  const time = leaseTime(lease);
  return {
    ok: true,
    impairment: {
      ...impairment,
      ...(engine !== 'auto' && { engine }),
      ...(time !== '' && { for: time }),
    },
  };
}

/** `sends: delay 100ms`, `receives: loss 1%`: what Apply does, with what an empty direction ends. */
export function statementOf(impairment: Impairment, now: InForce): readonly string[] {
  const { engine, for: time } = impairment;
  const ways = WAYS.map((way) => {
    const text = wayStatement(impairment, now, way);
    return text === undefined ? undefined : `${WAY_NAMES[way].toLowerCase()}: ${text}`;
  });
  return [...ways, engine && `engine: ${engine}`, time && `for ${time}`].filter(
    (part) => part !== undefined,
  );
}

function wayStatement(impairment: Impairment, now: InForce, way: Way): string | undefined {
  const direction = impairment[way];
  if (direction) return summarize(direction);
  return now[way] ? 'as before netweir' : undefined;
}

function closed(reason: string): Wanted {
  return { ok: false, reason };
}
