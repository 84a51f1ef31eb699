import { TrafficMatch } from '@netweir/api';

/** What a match can name, in the order of the schema. */
export const MATCH_FIELDS = [
  'remote',
  'local',
  'remotePorts',
  'localPorts',
  'protocol',
  'dscp',
  'family',
] as const;
export type MatchField = (typeof MATCH_FIELDS)[number];

/** What stands in the fields of a match; lists are written with commas between. */
export type MatchDraft = Readonly<Record<MatchField, string>>;

/** The message at each wrong field; what is wrong with no single one is `whole`. */
export type MatchErrors = Readonly<Partial<Record<MatchField | 'whole', string>>>;

export type CheckedMatch =
  | { readonly ok: true; readonly match: TrafficMatch }
  | { readonly ok: false; readonly errors: MatchErrors };

export const EMPTY_MATCH = Object.fromEntries(
  MATCH_FIELDS.map((field) => [field, '']),
) as MatchDraft;

export function matchDraftOf(match: TrafficMatch): MatchDraft {
  const texts = MATCH_FIELDS.map((field) => {
    const value = match[field];
    return [field, Array.isArray(value) ? value.join(', ') : String(value ?? '')];
  });
  return Object.fromEntries(texts) as MatchDraft;
}

export function checkMatch(draft: MatchDraft): CheckedMatch {
  const asked = matchFrom(draft);
  if (Object.keys(asked).length === 0) {
    return { ok: false, errors: { whole: 'Say which packets are meant: fill in one field.' } };
  }
  const parsed = TrafficMatch.safeParse(asked);
  if (parsed.success) return { ok: true, match: parsed.data };
  const errors: Partial<Record<MatchField | 'whole', string>> = {};
  for (const { path, message } of parsed.error.issues) {
    const [field, at] = path;
    if (isMatchField(field))
      errors[field] ??= messageAt(field, elementAt(asked[field], at), message);
    else errors.whole ??= `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  }
  return { ok: false, errors };
}

/** `tcp · other end 192.0.2.7, port 443 · DSCP 46`: which packets, in one line. */
export function matchSummary(match: TrafficMatch): string {
  const { protocol, dscp, family } = match;
  return [
    typeof protocol === 'number' ? `protocol ${protocol}` : protocol,
    endSummary('other end', match.remote, match.remotePorts),
    endSummary('this end', match.local, match.localPorts),
    dscp !== undefined && `DSCP ${dscp}`,
    family !== undefined && `IPv${family}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

function endSummary(
  word: string,
  ends: readonly string[] | undefined,
  ports: readonly string[] | undefined,
): string | undefined {
  if (!ends && !ports) return undefined;
  return [
    ends && `${word} ${ends.join(', ')}`,
    ports && `${ends ? '' : `${word} `}port ${ports.join(', ')}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Only what is filled in, not yet checked: a text that is no number is sent as it is. */
function matchFrom(draft: MatchDraft): Partial<Record<MatchField, unknown>> {
  const filled = MATCH_FIELDS.filter((field) => draft[field].trim() !== '');
  return Object.fromEntries(filled.map((field) => [field, sentValue(field, draft[field])]));
}

function sentValue(field: MatchField, text: string): unknown {
  const trimmed = text.trim();
  if (field === 'protocol' || field === 'dscp' || field === 'family') {
    return /^\d{1,9}$/u.test(trimmed) ? Number(trimmed) : trimmed.toLowerCase();
  }
  return trimmed.split(/[\s,]+/u).filter(Boolean);
}

function isMatchField(key: PropertyKey | undefined): key is MatchField {
  return MATCH_FIELDS.some((field) => field === key);
}

function elementAt(value: unknown, at: PropertyKey | undefined): unknown {
  return Array.isArray(value) && typeof at === 'number' ? value[at] : undefined;
}

const WRITE: Readonly<Partial<Record<MatchField, string>>> = {
  protocol: 'Write tcp, udp, icmp, sctp or a number from 0 to 255.',
  dscp: 'Write a whole number from 0 to 63.',
};

function messageAt(field: MatchField, element: unknown, message: string): string {
  return WRITE[field] ?? (element === undefined ? message : `"${element}" ${message}`);
}
