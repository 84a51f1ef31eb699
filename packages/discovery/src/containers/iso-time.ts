/** The time as the API tells it; null where there is none, or one that no calendar has. */
export function isoTime(ms: number): string | null {
  if (!(ms > 0)) return null;
  const date = new Date(ms);
  const isFourDigits = !Number.isNaN(date.getTime()) && date.getUTCFullYear() <= 9999;
  return isFourDigits ? date.toISOString() : null;
}
