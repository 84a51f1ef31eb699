import type { Inventory, RuntimeStatus } from '@netweir/api';
import pc from 'picocolors';
import type { Terminal } from '../terminal.ts';
import { formatMoment } from './numbers.ts';
import { renderTable } from './table.ts';
import { printable } from './text.ts';

/** A line for each runtime whose containers may be shown as they no longer are, or not at all. */
export function runtimeLines({ runtimes }: Inventory): string[] {
  return runtimes
    .filter(({ state }) => state !== 'current')
    .map((status) =>
      printable(`${status.runtime} at ${status.endpoint}: ${stateText(status)}`).replaceAll(
        '\n',
        ' ',
      ),
    );
}

function stateText({ state, detail, currentAt }: RuntimeStatus): string {
  const since = currentAt === null ? '' : ` since ${formatMoment(new Date(currentAt))}`;
  const texts = {
    current: 'current',
    connecting: 'not asked yet',
    stale: `does not answer as it should${since}`,
    refused: 'may not be read',
  };
  return detail === null ? texts[state] : `${texts[state]}: ${detail}`;
}

/** The containers that do not run, as a table; empty where there are none. */
export function stoppedTable(
  { stopped }: Inventory,
  terminal: Pick<Terminal, 'colors' | 'size'>,
): string {
  if (stopped.length === 0) return '';
  const rows = stopped.map(({ name, image, runtime, rootless, compose, createdAt }) => [
    name,
    rootless ? `${runtime}, rootless` : runtime,
    image ?? '',
    compose ? `${compose.project}/${compose.service}` : '',
    createdAt === null ? '' : formatMoment(new Date(createdAt)),
  ]);
  const table = renderTable(
    [
      { title: 'STOPPED' },
      { title: 'RUNTIME', expendable: true },
      { title: 'IMAGE', flexible: true },
      { title: 'COMPOSE', flexible: true, expendable: true },
      { title: 'CREATED', expendable: true },
    ],
    [{ rows }],
    { width: terminal.size()?.columns, paintTitle: pc.createColors(terminal.colors).bold },
  );
  return `\n${table}`;
}
