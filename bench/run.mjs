/** Runs one benchmark: `node bench/run.mjs NAME` runs bench/NAME.mjs, which sets the exit code. */
import { readdirSync } from 'node:fs';

const SELF = 'run.mjs';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && file !== SELF)
  .map((file) => file.slice(0, -'.mjs'.length));
const [name] = process.argv.slice(2);

if (name !== undefined && names.includes(name)) {
  await import(`./${name}.mjs`);
} else {
  console.error(`usage: node bench/run.mjs NAME, with NAME one of: ${names.join(', ')}`);
  process.exitCode = 2;
}
