import {
  type LabEvent,
  type LabInterface,
  type LabRouter,
  type LabState,
  type LabSummary,
  type LinkCondition,
  summarize,
} from '@netweir/api';
import pc from 'picocolors';
import type { Terminal } from '../terminal.ts';
import { formatMoment } from './numbers.ts';
import { type Group, renderTable } from './table.ts';
import { printable } from './text.ts';

type Screen = Pick<Terminal, 'colors' | 'size'>;

/** The labs as a table. */
export function renderLabs(labs: readonly LabSummary[], terminal: Screen): string {
  if (labs.length === 0) return 'no labs\n';
  const c = pc.createColors(terminal.colors);
  const rows = labs.map(({ name, nodes, createdAt }) => [
    name,
    nodes.join(' '),
    formatMoment(new Date(createdAt)),
  ]);
  return renderTable(
    [{ title: 'LAB' }, { title: 'NODES', flexible: true }, { title: 'SINCE', expendable: true }],
    [{ rows }],
    { width: terminal.size()?.columns, paintTitle: c.bold },
  );
}

/** A lab as a table: the interfaces of each node, under what the node does. */
export function renderLab(lab: LabState, terminal: Screen): string {
  const c = pc.createColors(terminal.colors);
  const { exchange, regions, routers, devices } = lab;
  const groups = [
    group(`${exchange.name}  exchange`, exchange.interfaces),
    ...regions.map(({ name, interfaces }) => group(`${name}  region`, interfaces)),
    ...routers.map((router) => group(routerTitle(router), router.interfaces)),
    ...devices.map(({ name, interfaces, defaultInterface }) =>
      group(`${name}  device`, interfaces, defaultInterface),
    ),
  ];
  const table = renderTable(
    [
      { title: 'INTERFACE' },
      { title: 'STATE', paint: (text) => (text === 'up' ? c.green(text) : c.red(text)) },
      { title: 'TO' },
      { title: 'ADDRESSES', flexible: true },
      { title: 'MTU', align: 'right', expendable: true },
      { title: 'CONDITIONS', flexible: true, paint: c.yellow },
    ],
    groups,
    { width: terminal.size()?.columns, paintTitle: c.bold },
  );
  return table + lab.regionLinks.map(regionLinkLine).join('');
}

/** What has happened to a lab, in a line. */
export function eventLine(lab: string, { kind, node, interface: name, value }: LabEvent): string {
  const at = [lab, node, name].filter((part) => part !== null).join('/');
  const text =
    value === null ? '' : ` ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  return printable(`${at}: ${kind}${text}\n`);
}

function group(
  title: string,
  interfaces: readonly LabInterface[],
  defaultInterface: string | null = null,
): Group {
  return {
    title,
    rows: interfaces.map((one) => [
      `  ${one.name}`,
      one.up ? (one.carrier ? 'up' : 'no carrier') : 'down',
      `${one.to ?? ''}${one.name === defaultInterface ? ' (default)' : ''}`,
      one.addresses
        .filter(({ scope }) => scope === 'global')
        .map(({ address, prefixLength }) => `${address}/${prefixLength}`)
        .join(' '),
      String(one.mtu),
      conditionsText(one),
    ]),
  };
}

function routerTitle({
  name,
  region,
  ip,
  nat,
  natV6,
  firewall,
  blockFragNeeded,
}: LabRouter): string {
  const does = [
    region !== null && `region ${region}`,
    ip !== 'dual-stack' && ip,
    nat !== 'none' && `NAT ${named(nat)}`,
    natV6 !== 'none' && `IPv6 ${natV6}`,
    firewall !== 'none' && `firewall ${named(firewall)}`,
    blockFragNeeded && 'silent about MTU',
  ].filter((one) => one !== false);
  return `${name}  router${does.length > 0 ? `: ${does.join(', ')}` : ''}`;
}

function named(value: object | string): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function conditionsText({ egress, ingress }: Pick<LabInterface, 'egress' | 'ingress'>): string {
  const [sent, received] = [egress, ingress].map((one) => one && conditionText(one));
  if (sent && sent === received) return `both ways ${sent}`;
  return [sent && `egress ${sent}`, received && `ingress ${received}`].filter(Boolean).join(' · ');
}

function conditionText(condition: LinkCondition): string {
  return typeof condition === 'string' ? condition : summarize(condition);
}

function regionLinkLine({ between, broken, ...ways }: LabState['regionLinks'][number]): string {
  const more = [conditionsText(ways), broken && `broken: ${broken}`].filter(Boolean).join(', ');
  return printable(`${between.join(' — ')}${more === '' ? '' : `  ${more}`}\n`);
}
