import type { Capabilities, Check } from '@netweir/api';
import pc from 'picocolors';
import type { Context } from '../context.ts';
import { printJson } from '../output/json.ts';
import { printable } from '../output/text.ts';

/** `netweir doctor` */
export async function doctor(context: Context): Promise<number> {
  await using connection = await context.connect();
  const capabilities = await connection.netweir.capabilities();
  const { terminal, json } = context;
  if (json) printJson(terminal, capabilities);
  else terminal.out(render(capabilities, connection.via, terminal.colors));
  return exitCode(capabilities.checks);
}

function render(
  { version, kernel, checks }: Capabilities,
  via: 'daemon' | 'process',
  colors: boolean,
): string {
  const c = pc.createColors(colors);
  const where = via === 'daemon' ? 'asked of the daemon' : 'no daemon asked';
  const lines = checks.flatMap((check) => [
    `${mark(check, c)} ${printable(check.title)}: ${printable(check.detail)}`,
    ...(check.remedy === undefined || check.ok
      ? []
      : [`  ${c.dim('→')} ${printable(check.remedy)}`]),
  ]);
  return `${[`netweir ${version} on Linux ${kernel}, ${where}`, ...lines].join('\n')}\n`;
}

function mark({ ok, needed }: Check, c: ReturnType<typeof pc.createColors>): string {
  if (ok) return c.green('✓');
  return needed ? c.red('✗') : c.yellow('–');
}

/** 0 if everything needed is there, 3 if a capability of the process is missing, otherwise 1. */
function exitCode(checks: readonly Check[]): number {
  const missing = checks.filter(({ ok, needed }) => needed && !ok);
  if (missing.some(({ id }) => id.startsWith('cap_'))) return 3;
  return missing.length === 0 ? 0 : 1;
}
