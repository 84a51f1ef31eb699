import type { RestoreReport } from '@netweir/api';
import type { Context } from '../context.ts';
import { printJson } from '../output/json.ts';
import { printable } from '../output/text.ts';

/** `netweir restore` */
export async function restore(context: Context): Promise<number> {
  await using connection = await context.connect();
  const report = await connection.netweir.restore();
  if (context.json) printJson(context.terminal, report);
  else context.terminal.out(printable(restoreText(report)));
  return report.failed.length > 0 ? 1 : 0;
}

function restoreText({ restored, skipped, failed }: RestoreReport): string {
  const lines = [
    ...restored.map(
      ({ space, interface: name, original, lost }) =>
        `${space}/${name}: restored to ${original}${lost ? `, but lost: ${lost.join('; ')}` : ''}`,
    ),
    ...skipped.map((one) => `${one.space}/${one.interface}: skipped, ${one.reason}`),
    ...failed.map((one) => `${one.space}/${one.interface}: failed, ${one.error}`),
  ];
  return `${lines.length === 0 ? 'nothing to restore' : lines.join('\n')}\n`;
}
