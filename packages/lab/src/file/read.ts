import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LabFile, leafIssues } from '@netweir/api';
import { parse, TomlError } from 'smol-toml';
import { lineFinder } from './lines.ts';
import { type LabPlan, labPlanOf } from './plan.ts';
import { LabFileError, Problems } from './problems.ts';

/**
 * The plan of a lab file in TOML.
 * @throws {LabFileError} with everything that is wrong in it, by lines
 * @throws what reading the file throws, such as ENOENT
 */
export async function readLabFile(file: string | URL): Promise<LabPlan> {
  const name = file instanceof URL ? fileURLToPath(file) : file;
  return parseLabFile(await readFile(file, 'utf8'), name).plan;
}

/**
 * A lab file of TOML text, and the plan of it; `name` is what errors call it.
 * @throws {LabFileError} with everything that is wrong in it, by lines
 */
export function parseLabFile(text: string, name?: string): { file: LabFile; plan: LabPlan } {
  const value = parseToml(text, name);
  const plan = planOf(value, name, lineFinder(text));
  return { file: value as LabFile, plan };
}

/** The plan of what is a LabFile, or should be. @throws {LabFileError} */
export function planOf(
  value: unknown,
  name?: string,
  lineOf?: ConstructorParameters<typeof Problems>[0],
): LabPlan {
  const problems = new Problems(lineOf);
  const result = LabFile.safeParse(value);
  for (const { path, message } of leafIssues(result.error?.issues ?? [])) {
    problems.add(path.map(keyOf), message);
  }
  problems.throwIfAny(name);
  return labPlanOf(result.data ?? {}, problems, name);
}

function parseToml(text: string, name: string | undefined): unknown {
  try {
    return parse(text, { unsafeKeyBehaviour: 'throw' });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [message = ''] = error.message.split('\n');
    throw new LabFileError([{ path: [], message, line: error.line }], name);
  }
}

function keyOf(key: PropertyKey): string | number {
  return typeof key === 'symbol' ? String(key) : key;
}
