const MAX_LABELS = 256;
const MAX_KEY_BYTES = 256;
const MAX_VALUE_BYTES = 4096;

/** Text of strangers that is to be shown: no control characters, and not longer than so many. */
export function cleanText(text: string, maxLength = 255): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD').slice(0, maxLength);
}

/** The same, where nothing is as good as an empty text. */
export function cleanOrNull(text: string | null | undefined): string | null {
  return text ? cleanText(text) : null;
}

/** Labels as far as they are of a reasonable size: not too many, no long keys, long values cut. */
export function limitedLabels(
  labels: Readonly<Record<string, string>> | null | undefined,
): Record<string, string> {
  const entries = Object.entries(labels ?? {}).filter(
    ([key]) => Buffer.byteLength(key) <= MAX_KEY_BYTES,
  );
  return Object.fromEntries(
    entries.slice(0, MAX_LABELS).map(([key, value]) => [key, cutToBytes(value, MAX_VALUE_BYTES)]),
  );
}

function cutToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  // A character that the cut went through is left out.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, maxBytes), { stream: true });
}
