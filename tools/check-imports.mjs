// Holds the import rules of the workspace: node tools/check-imports.mjs [ROOT]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';

const root = process.argv[2] ?? '.';

/**
 * What each package may import of the workspace, and, where `others` is given, the only packages of
 * other people that it may import.
 * @type {Record<string, { ours: string[], others?: string[] }>}
 */
const RULES = {
  kernel: { ours: [], others: ['koffi'] },
  api: { ours: [], others: ['zod', 'ws'] },
  impair: { ours: ['kernel', 'api'] },
  discovery: { ours: ['kernel', 'api'] },
  lab: { ours: ['impair', 'kernel', 'api'] },
  daemon: { ours: ['discovery', 'impair', 'lab', 'api'] },
  cli: { ours: ['daemon', 'api'] },
  testing: { ours: ['lab', 'impair'] },
  web: { ours: ['api'] },
};

/** Modules that only these files may import but for types; tests may start processes, as witnesses. */
const RESTRICTED = [
  { module: 'koffi', files: ['packages/kernel/src/libc.ts'], tests: false },
  {
    module: 'child_process',
    files: [
      'packages/impair/src/guardian/guardian.ts',
      'packages/kernel/src/netns/network-namespace.ts',
      'packages/lab/src/code/child-processes.ts',
    ],
    tests: true,
  },
];

const TEST_FILE = /\.(test|test-support)\.tsx?$|\/test-support\//;
const FOR_TESTS = ['fast-check'];

let breaks = 0;
/** @param {string} file @param {number} line @param {string} text */
function complain(file, line, text) {
  breaks += 1;
  console.log(`${file}:${line}: ${text}`);
}

/** @param {string} text with comments blanked, line breaks kept */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
}

/** @param {string} text @returns {{ specifier: string, line: number, typeOnly: boolean }[]} */
function importsOf(text) {
  const code = withoutComments(text);
  const statement = /^\s*(?:import|export)\b(?:[^;'"`=]*?\bfrom)?\s*['"]([^'"$]+)['"]/gm;
  const call = /\b(?:import|require|getBuiltinModule)\s*\(\s*['"`]([^'"`$]+)['"`]/g;
  return [...code.matchAll(statement), ...code.matchAll(call)].map((match) => ({
    specifier: match[1],
    typeOnly: /^\s*(?:import|export)\s+type\b/.test(match[0]),
    line: code.slice(0, match.index + match[0].length).split('\n').length,
  }));
}

/** @param {string} specifier its package, or the builtin module without `node:` */
function moduleOf(specifier) {
  const parts = specifier.replace(/^node:/, '').split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

/** @param {string} module the folder of a package of the workspace, if it is one */
function ourPackage(module) {
  return module === 'netweir' ? 'cli' : /^@netweir\/(.+)$/.exec(module)?.[1];
}

/**
 * Why a package may not import (or depend on) a module.
 * @param {string} from
 * @param {string} module
 * @param {boolean} isTest
 */
function forbidden(from, module, isTest) {
  const rule = RULES[from];
  const ours = ourPackage(module);
  if (ours !== undefined) {
    // Tests may hold programs that use the package as its users do.
    if (rule.ours.includes(ours) || (isTest && ours === from)) return undefined;
    return `${from} may import ${rule.ours.join(', ') || 'no package'} of the workspace, not ${ours}`;
  }
  if (isTest && FOR_TESTS.includes(module)) return undefined;
  if (!rule.others || rule.others.includes(module)) return undefined;
  return `${from} may depend on ${rule.others.join(', ')} only, not on ${module}`;
}

/** @param {string} folder @param {string} file from the root */
function checkFile(folder, file) {
  const isTest = TEST_FILE.test(file);
  for (const { specifier, line, typeOnly } of importsOf(readFileSync(join(root, file), 'utf8'))) {
    const source = `packages/${folder}`;
    if (specifier.startsWith('.')) {
      const target = join(dirname(file), specifier);
      if (relative(source, target).startsWith('..'))
        complain(file, line, `${specifier} leaves ${source}`);
      continue;
    }
    const module = moduleOf(specifier);
    const restricted = RESTRICTED.find((entry) => entry.module === module);
    if (
      restricted &&
      !typeOnly &&
      !restricted.files.includes(file) &&
      !(isTest && restricted.tests)
    ) {
      complain(file, line, `only ${restricted.files.join(', ')} may import ${module}`);
      continue;
    }
    if (specifier.startsWith('node:') || builtinModules.includes(module)) continue;
    const reason = forbidden(folder, module, isTest);
    if (reason) complain(file, line, reason);
  }
}

/** @param {string} folder */
function checkManifest(folder) {
  const file = `packages/${folder}/package.json`;
  const text = readFileSync(join(root, file), 'utf8');
  const manifest = JSON.parse(text);
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies']) {
    for (const module of Object.keys(manifest[kind] ?? {})) {
      const reason = forbidden(folder, module, false);
      const line = text.slice(0, text.indexOf(`"${module}"`)).split('\n').length;
      if (reason) complain(file, line, reason);
    }
  }
}

for (const folder of readdirSync(join(root, 'packages')).sort()) {
  if (!existsSync(join(root, `packages/${folder}/package.json`))) continue;
  if (!RULES[folder]) {
    complain(
      `packages/${folder}/package.json`,
      1,
      `no import rule for ${folder} in tools/check-imports.mjs`,
    );
    continue;
  }
  checkManifest(folder);
  const source = `packages/${folder}/src`;
  if (!existsSync(join(root, source))) continue;
  for (const file of readdirSync(join(root, source), { recursive: true }).map(String).sort()) {
    if (/\.(ts|tsx|mts|js|mjs)$/.test(file)) checkFile(folder, `${source}/${file}`);
  }
}
process.exitCode = breaks > 0 ? 1 : 0;
