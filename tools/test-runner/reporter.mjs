// A reporter for node --test that writes one JSON object a line, so that results also come out of the VM.
import { relative, resolve } from 'node:path';
import { inspect } from 'node:util';

/** @typedef {{ kind: 'pass' | 'skip' | 'fail' | 'file' | 'output' | 'end', file?: string, text?: string }} Result */

/** Text that a failed file wrote is shown up to this length. */
const OUTPUT_LIMIT = 20_000;

/** @param {string} text */
const indent = (text) => text.replace(/^/gm, '    ');

/** @param {AsyncIterable<{ type: string, data: any }>} events */
export default async function* report(events) {
  const run = new Run();
  for await (const { type, data } of events) {
    const result = run.take(type, data);
    if (result) yield line(result);
  }
  for (const result of run.outputOfFailedFiles()) yield line(result);
  yield line({ kind: 'end' });
}

class Run {
  /** @type {Map<string, string>} what each file wrote */
  #output = new Map();
  /** @type {Map<string, string[]>} the present test of each file, after the suites around it */
  #names = new Map();
  /** @type {Set<string>} */
  #failedFiles = new Set();

  /**
   * @param {string} type
   * @param {any} data
   * @returns {Result | undefined}
   */
  take(type, data) {
    const file = sourceOf(data.file ?? '');
    switch (type) {
      case 'test:stdout':
      case 'test:stderr':
        this.#output.set(
          file,
          `${this.#output.get(file) ?? ''}${data.message}`.slice(-OUTPUT_LIMIT),
        );
        return undefined;
      case 'test:start':
        this.#names.set(file, [...this.#around(file, data), data.name]);
        return undefined;
      case 'test:complete':
        return isFile(data) ? fileResult(file, data.details) : undefined;
      case 'test:pass':
      case 'test:fail': {
        const result = resultOf(type, data, [...this.#around(file, data), data.name].join(' > '));
        if (result?.kind === 'fail') this.#failedFiles.add(file);
        return result && { ...result, file };
      }
      default:
        return undefined;
    }
  }

  /** @returns {Result[]} */
  outputOfFailedFiles() {
    return [...this.#failedFiles]
      .filter((file) => this.#output.has(file))
      .map((file) => ({
        kind: 'output',
        file,
        text: `  Output of ${file}:\n${indent(this.#output.get(file) ?? '')}`,
      }));
  }

  /** @param {string} file @param {any} data */
  #around(file, data) {
    return (this.#names.get(file) ?? []).slice(0, data.nesting);
  }
}

/** @param {string} file @param {any} details @returns {Result} */
function fileResult(file, details) {
  const seconds = (details.duration_ms / 1000).toFixed(1);
  return { kind: 'file', file, text: `${details.passed ? 'ok  ' : 'FAIL'} ${file} ${seconds} s` };
}

/** @param {string} file a test as compiled or, where node followed its source map, as written */
function sourceOf(file) {
  return file && relative('.', file).replace('/dist/', '/src/').replace(/\.js$/, '.ts');
}

/** @param {any} data whether the event is about a whole file (node names it by its path) */
function isFile(data) {
  return data.nesting === 0 && resolve(data.name) === data.file;
}

/** @param {Result} result */
function line(result) {
  return `${JSON.stringify(result)}\n`;
}

/**
 * @param {string} type
 * @param {any} data
 * @param {string} name
 * @returns {Result | undefined}
 */
function resultOf(type, data, name) {
  const { details, skip, todo } = data;
  if (skip !== undefined || todo !== undefined) {
    const reason = [skip, todo].find((value) => typeof value === 'string') || 'no reason given';
    return { kind: 'skip', text: `${name}: ${reason}` };
  }
  if (type === 'test:pass') {
    if (isFile(data))
      return { kind: 'fail', text: `  FAIL ${data.name}: a test file without a test` };
    return details.type === 'suite' ? undefined : { kind: 'pass' };
  }
  // a suite fails with its tests, which have been reported
  if (details.error?.failureType === 'subtestsFailed' && details.type === 'suite') return undefined;
  const cause = details.error?.cause ?? details.error;
  const text = cause instanceof Error ? inspect(cause) : String(cause ?? details.error?.message);
  return { kind: 'fail', text: `  FAIL ${name}\n${indent(text)}` };
}
