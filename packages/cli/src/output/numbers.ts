const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const DECIMAL = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];

/** An amount: `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, BINARY);
}

/** A rate as networks count it, in bits with powers of 1,000: `12.3 Mbit/s`. */
export function formatBitRate(bitPerSec: number): string {
  return scaled(bitPerSec, 1000, DECIMAL);
}

/** A moment in local time: `2026-11-22 11:45:03`. */
export function formatMoment(moment: Date): string {
  // The Swedish form is ISO 8601 without the T.
  return moment.toLocaleString('sv-SE');
}

/** A time to come: `4m 30s`; `now` if it is over. */
export function formatCountdown(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000);
  if (seconds <= 0) return 'now';
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h}h ${m}m`;
  return m > 0 ? `${m}m ${s}s` : `${s}s`;
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let rest = value;
  let index = 0;
  // What would be written as 1000 after rounding belongs to the next unit.
  while (Math.round(rest) >= step && index < units.length - 1) {
    rest /= step;
    index++;
  }
  const decimals = index === 0 || rest >= 99.95 ? 0 : 1;
  return `${rest.toFixed(decimals)} ${units[index]}`;
}
