import type { LabPlan } from '@netweir/daemon';
import { printable } from './text.ts';

/** What would be made of a lab file, a line for each part. */
export function renderPlan(plan: LabPlan): string {
  const { name, regions, regionLinks, routers, devices, names, warnings } = plan;
  const lines = [
    `lab ${name}`,
    ...regions.map((region) => `region ${region}`),
    ...regionLinks.map((link) => `region link ${settings(link)}`),
    ...routers.map(({ name: router, upstream, region, settings: more }) => {
      const to = region === undefined ? (upstream ?? 'ix') : `region ${region}`;
      return `router ${router} to ${upstream ?? to}${detail(more)}`;
    }),
    ...devices.map(({ name: device, interfaces, defaultInterface, mtu }) => {
      const links = interfaces.map(({ name: one, router, conditions }) => {
        const isDefault = one === defaultInterface && interfaces.length > 1;
        const more = {
          ...(conditions !== undefined && { conditions }),
          ...(isDefault && { default: true }),
        };
        return `${one} to ${router}${detail(more)}`;
      });
      return `device ${device}: ${links.join(', ')}${detail(mtu === undefined ? {} : { mtu })}`;
    }),
    ...names.map(({ name: one, values }) => `name ${one}: ${values.join(', ')}`),
    ...warnings.map((warning) => `note: ${warning}`),
  ];
  return printable(`${lines.join('\n')}\n`);
}

function detail(values: object): string {
  const text = settings(values);
  return text === '' ? '' : ` (${text})`;
}

function settings(values: object): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
