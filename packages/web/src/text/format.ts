const PREFIXES = ['', 'k', 'M', 'G', 'T'] as const;

/** `12.3 Mbit/s`: three digits, powers of 1,000. */
export function bitRate(bitPerSec: number): string {
  let value = bitPerSec;
  let step = 0;
  while (value >= 999.5 && step < PREFIXES.length - 1) {
    value /= 1000;
    step++;
  }
  return `${threeDigits(value, step > 0)} ${PREFIXES[step]}bit/s`;
}

/** `0.042 ms`, `12.3 ms`, `1.2 s`. */
export function roundTripTime(ms: number): string {
  if (ms >= 1000) return `${threeDigits(ms / 1000, true)} s`;
  return ms < 0.995 ? `${ms.toFixed(3)} ms` : `${threeDigits(ms, true)} ms`;
}

/** The time left: `4:59`, `1:00:00`. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** `1 interface`, `3 interfaces`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

function threeDigits(value: number, fraction: boolean): string {
  if (!fraction || value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
