/** What others may have us keep and show: their data is as long and as strange as they like. */
const LABELS = 256;
const KEY_BYTES = 256;
const VALUE_BYTES = 4096;
const NAME_BYTES = 512;

/** A name, fit to be shown in one line. */
export function limitName(text: string): string {
  return cut(text, NAME_BYTES).replace(/\p{C}/gu, '\ufffd');
}

/** The first labels or annotations; keys that are too long are left out, values are cut. */
export function limitLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(labels)
    .filter(([key]) => Buffer.byteLength(key) <= KEY_BYTES)
    .slice(0, LABELS)
    .map(([key, value]) => [key, cut(value, VALUE_BYTES)] as const);
  return Object.fromEntries(kept);
}

function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString()
    .replace(/\ufffd+$/u, '');
}
