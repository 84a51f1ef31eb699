import { readFileSync } from 'node:fs';
import { Config, type FieldError, isNetweirError, leafIssues, NetweirError } from '@netweir/api';
import JSON5 from 'json5';
import { checkImpairment } from '../rules/check.ts';
import type { ConfigFile } from './files.ts';
import { locate } from './locate.ts';

/** One thing that is wrong, and where: the path of its key. */
interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly remedy?: string | undefined;
}

/**
 * The configuration in one file; an empty one where there is none.
 *
 * @throws NetweirError `invalid-config` that names the file, the line and the key
 */
export function readConfig({ path, needed }: ConfigFile): Config {
  const text = readText(path, needed);
  return text === undefined || text.trim() === '' ? {} : parseConfig(text, path);
}

/**
 * The configuration that a text of JSON5 holds; `path` is the file's name, for errors.
 *
 * @throws NetweirError `invalid-config`
 */
export function parseConfig(text: string, path: string): Config {
  const result = Config.safeParse(parseJson5(text, path));
  const faults = result.success ? faultsOfRules(result.data) : faultsOf(result.error.issues);
  if (result.success && faults.length === 0) return result.data;
  const located = faults.map((fault) => ({ ...fault, at: locate(text, fault.path) }));
  const lines = located.map(
    ({ at, path: key, message }) =>
      `${path}:${at.line}:${at.column}: ${key.length > 0 ? `${written(key)}: ` : ''}${message}`,
  );
  const fields = faults.map(
    (one): FieldError => ({ path: written(one.path), message: one.message }),
  );
  throw new NetweirError('invalid-config', lines.join('\n'), {
    fields,
    remedy: faults[0]?.remedy ?? 'docs/configuration.md lists all keys.',
  });
}

function readText(path: string, needed: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    // What root keeps to itself is not meant for an ordinary user.
    const isOthers = code === 'EACCES' && process.geteuid?.() !== 0;
    if ((isAbsent || isOthers) && !needed) return undefined;
    throw new NetweirError('invalid-config', `${path} cannot be read: ${message}`, {
      cause,
      remedy: isAbsent
        ? 'Correct NETWEIR_CONFIG, which names this file.'
        : 'Make it a file that this user may read, or name another one with NETWEIR_CONFIG.',
    });
  }
}

function parseJson5(text: string, path: string): unknown {
  try {
    return JSON5.parse<unknown>(text);
  } catch (cause) {
    const { lineNumber, columnNumber, message } = cause as Error & {
      readonly lineNumber?: number;
      readonly columnNumber?: number;
    };
    const what = message.replace(/^JSON5: /u, '').replace(/ at \d+:\d+$/u, '');
    throw new NetweirError(
      'invalid-config',
      `${path}:${lineNumber ?? 1}:${columnNumber ?? 1}: ${what}`,
      { cause, remedy: 'The file is JSON5: JSON with comments, see https://json5.org.' },
    );
  }
}

/** An unknown key is a fault of its own, at its own place. */
function faultsOf(issues: Parameters<typeof leafIssues>[0]): Fault[] {
  return leafIssues(issues).flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is no key here' }));
    }
    const origin: unknown = issue.code === 'custom' ? issue.params?.origin : undefined;
    const remedy = isNetweirError(origin) ? origin.remedy : undefined;
    return [{ path: issue.path, message: issue.message, remedy }];
  });
}

/** What no schema can say: settings that contradict each other. */
function faultsOfRules({ rules = {} }: Config): Fault[] {
  return Object.entries(rules).flatMap(([name, { impairment }]): Fault[] => {
    try {
      checkImpairment(impairment);
      return [];
    } catch (error) {
      if (!isNetweirError(error)) throw error;
      const { message, remedy } = error;
      return [{ path: ['rules', name, 'impairment'], message, remedy }];
    }
  });
}

/** A key as it would be written in a program: `rules["a.b"].match`. */
function written(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = String(key);
      if (!/^[A-Za-z_][\w-]*$/u.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}
