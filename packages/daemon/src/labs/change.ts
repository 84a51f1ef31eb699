import { type LabChange, NetweirError } from '@netweir/api';
import { Device, type Lab, Region, Router } from '@netweir/lab';
import { nodeOf } from './node.ts';

type Of<Type extends LabChange['type']> = Extract<LabChange, { type: Type }>;

/** What each change does: a method of the library. */
const CHANGES: {
  readonly [Type in LabChange['type']]: (lab: Lab, change: Of<Type>) => void | Promise<void>;
} = {
  link: (lab, { node, interface: name, state }) => {
    if (state === 'up') nodeOf(lab, node).linkUp(name);
    else nodeOf(lab, node).linkDown(name);
  },
  conditions: (lab, { node, interface: name, conditions }) =>
    nodeOf(lab, node).setConditions(name, conditions),
  mtu: (lab, { node, interface: name, mtu }) => nodeOf(lab, node).setMtu(name, mtu),
  'default-route': (lab, { node, interface: name }) => deviceOf(lab, node).setDefaultRoute(name),
  replug: (lab, { node, interface: name, to }) =>
    deviceOf(lab, node).replug(name, routerOf(lab, to)),
  'renew-address': (lab, { node, interface: name }) => void deviceOf(lab, node).renewAddress(name),
  'add-address': (lab, { node, interface: name, address }) =>
    deviceOf(lab, node).addAddress(name, address),
  'remove-address': (lab, { node, interface: name, address }) =>
    deviceOf(lab, node).removeAddress(name, address),
  'add-interface': (lab, { node, interface: name, to, conditions, mtu }) =>
    deviceOf(lab, node).addInterface(name, routerOf(lab, to), {
      ...(conditions !== undefined && { conditions }),
      ...(mtu !== undefined && { mtu }),
    }),
  'remove-interface': (lab, { node, interface: name }) => deviceOf(lab, node).removeInterface(name),
  uplink: (lab, { node, to }) =>
    routerOf(lab, node).setUplink(to === lab.ix.name ? lab.ix : routerOf(lab, to)),
  nat: (lab, { node, nat }) => routerOf(lab, node).setNat(nat),
  'nat-v6': (lab, { node, natV6 }) => routerOf(lab, node).setNatV6(natV6),
  'flush-nat': (lab, { node }) => routerOf(lab, node).flushNat(),
  firewall: (lab, { node, firewall }) => routerOf(lab, node).setFirewall(firewall),
  'block-frag-needed': (lab, { node, block }) => routerOf(lab, node).setBlockFragNeeded(block),
  'remove-node': (lab, { node }) => lab.remove(nodeOf(lab, node)),
  'link-regions': (lab, { between, conditions = null }) =>
    lab.linkRegions(...regionsOf(lab, between), conditions),
  'region-link-conditions': (lab, { between, conditions }) =>
    lab.setRegionLink(...regionsOf(lab, between), conditions),
  'break-region-link': (lab, { between, mode = 'reroute' }) =>
    lab.breakRegionLink(...regionsOf(lab, between), { mode }),
  'restore-region-link': (lab, { between }) => lab.restoreRegionLink(...regionsOf(lab, between)),
  'unlink-regions': (lab, { between }) => lab.unlinkRegions(...regionsOf(lab, between)),
};

/**
 * Does one change of a running lab.
 * @throws what the lab's methods throw; NetweirError `no-such-node`, `lab-refused`
 */
export async function applyLabChange<Type extends LabChange['type']>(
  lab: Lab,
  change: Of<Type> & { readonly type: Type },
): Promise<void> {
  await CHANGES[change.type](lab, change);
}

function routerOf(lab: Lab, name: string): Router {
  const node = nodeOf(lab, name);
  if (node instanceof Router) return node;
  throw isNone(name, 'router');
}

function deviceOf(lab: Lab, name: string): Device {
  const node = nodeOf(lab, name);
  if (node instanceof Device) return node;
  throw isNone(name, 'device');
}

function regionsOf(lab: Lab, [a, b]: readonly [string, string]): [Region, Region] {
  return [regionOf(lab, a), regionOf(lab, b)];
}

function regionOf({ name: lab, nodes }: Lab, name: string): Region {
  const regions = [...nodes.values()].filter((node) => node instanceof Region);
  const found = regions.find(({ region }) => region === name);
  if (found) return found;
  throw new NetweirError('no-such-node', `lab ${lab} has no region ${name}`, {
    remedy:
      regions.length === 0
        ? 'It has none.'
        : `There are: ${regions.map(({ region }) => region).join(', ')}.`,
  });
}

function isNone(name: string, kind: string): NetweirError {
  return new NetweirError('lab-refused', `node ${name} is no ${kind}`, {
    remedy: `Name a ${kind}; \`netweir lab show\` tells what each node is.`,
  });
}
