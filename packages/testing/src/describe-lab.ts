import type { LabState } from '@netweir/lab';

type Interface = LabState['devices'][number]['interfaces'][number];

/** A lab in words, a line for each node and each of its interfaces, for people who look for a fault. */
export function describeLab(state: LabState): string {
  const { name, exchange, regions, regionLinks, routers, devices } = state;
  return [
    `lab ${name}`,
    ...nodeLines(exchange.name, 'exchange', exchange.interfaces),
    ...regions.flatMap((region) => nodeLines(region.name, 'region', region.interfaces)),
    ...regionLinks.map(
      ({ between, broken, ...ways }) =>
        `  link ${between.join(' - ')}${broken ? ` broken (${broken})` : ''}${waysOf(ways)}`,
    ),
    ...routers.flatMap(({ name: router, upstream, nat, natV6, firewall, interfaces }) => {
      const settings = Object.entries({ nat, natV6, firewall })
        .filter(([, value]) => value !== 'none')
        .map(([key, value]) => ` ${key} ${worded(value)}`);
      return nodeLines(router, `router at ${upstream}${settings.join('')}`, interfaces);
    }),
    ...devices.flatMap(({ name: device, defaultInterface, interfaces }) =>
      nodeLines(device, `device by ${defaultInterface ?? 'no default route'}`, interfaces),
    ),
  ].join('\n');
}

function nodeLines(name: string, kind: string, interfaces: readonly Interface[]): string[] {
  return [`  ${name} (${kind})`, ...interfaces.map((one) => `    ${interfaceLine(one)}`)];
}

function interfaceLine(one: Interface): string {
  const { name, up, carrier, mtu, addresses, to } = one;
  const link = `${up ? 'up' : 'DOWN'}${up && !carrier ? ' NO-CARRIER' : ''} mtu ${mtu}`;
  const global = addresses.filter(({ address }) => !address.startsWith('fe80:'));
  const texts = global.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  const where = to === null ? '' : ` -> ${to}`;
  return `${name}${where} ${link} ${texts.join(' ') || 'no address'}${waysOf(one)}`;
}

function waysOf({ egress, ingress }: Pick<Interface, 'egress' | 'ingress'>): string {
  return Object.entries({ egress, ingress })
    .filter(([, condition]) => condition !== null)
    .map(([way, condition]) => ` ${way} ${worded(condition)}`)
    .join('');
}

function worded(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
