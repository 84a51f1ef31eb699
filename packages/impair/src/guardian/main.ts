import { readSync } from 'node:fs';
import { FAREWELL } from './farewell.ts';

// It ends with the process that it guards, and not before.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) {
  process.on(signal, () => undefined);
}
const [guarded = '', stateDirectory = ''] = process.argv.slice(2);
if (received() !== FAREWELL) {
  // Only now: until then nothing is in memory that is not needed for waiting.
  const { restoreAfter } = await import('./restore-after.ts');
  restoreAfter(guarded, stateDirectory);
}

/** All that is sent before the other side closes, or dies. */
function received(): string {
  const buffer = Buffer.alloc(64);
  let text = '';
  for (;;) {
    const length = readSome(buffer);
    if (length === 0) return text;
    text += buffer.toString('utf8', 0, length);
  }
}

function readSome(buffer: Buffer): number {
  try {
    return readSync(0, buffer);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EINTR')
      return readSome(buffer);
    // A connection that was reset has ended as well.
    return 0;
  }
}
