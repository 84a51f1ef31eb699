import { isNetweirError, NetweirError } from '@netweir/api';
import { netweirErrorOf } from '@netweir/impair';
import type { LabErrorCode, LabFileError } from '@netweir/lab';
import { loadedLabLibrary } from './lab-library.ts';

/** Where a lab's refusal has a code of its own in the API; all others are `lab-refused`. */
const CODES: Partial<Record<LabErrorCode, NetweirError['code']>> = {
  ERR_LAB_CLOSED: 'no-such-lab',
  ERR_LAB_NODE_REMOVED: 'no-such-node',
  ERR_LAB_NO_INTERFACE: 'no-such-interface',
  ERR_LAB_NOT_PERMITTED: 'not-permitted',
};

/** What a lab has thrown, as an error that can be shown. */
export function labErrorOf(error: unknown): NetweirError {
  const library = loadedLabLibrary();
  if (isNetweirError(error) || !library || !(error instanceof library.LabError)) {
    return netweirErrorOf(error);
  }
  if (error instanceof library.LabFileError) return invalidFile(error);
  const { code, message, remedy } = error;
  return new NetweirError(CODES[code] ?? 'lab-refused', message, {
    cause: error,
    ...(remedy !== undefined && { remedy: sentence(remedy) }),
  });
}

function invalidFile(error: LabFileError): NetweirError {
  const { message, problems } = error;
  return new NetweirError('invalid-request', message, {
    cause: error,
    fields: problems.map(({ path, message: text }) => ({ path: path.join('.'), message: text })),
  });
}

/** The lab's remedies are clauses, those of netweir sentences. */
function sentence(text: string): string {
  const capital = `${text[0]?.toUpperCase()}${text.slice(1)}`;
  return capital.endsWith('.') ? capital : `${capital}.`;
}
