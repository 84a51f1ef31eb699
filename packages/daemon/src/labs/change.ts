import { type LabChange, NetweirError } from '@netweir/api';
import { Device, type Exchange, type Lab, type LabNode, Router } from '@netweir/lab';

/** Does one change of a running lab. @throws what the lab's methods throw; NetweirError `no-such-node` */
export async function applyLabChange(lab: Lab, change: LabChange): Promise<void> {
  const node = nodeOf(lab, change.node);
  switch (change.type) {
    case 'link':
      if (change.state === 'up') node.linkUp(change.interface);
      else node.linkDown(change.interface);
      return;
    case 'conditions':
      node.setConditions(change.interface, change.conditions);
      return;
    case 'mtu':
      node.setMtu(change.interface, change.mtu);
      return;
    case 'remove-node':
      await lab.remove(node);
      return;
    case 'uplink':
    case 'nat':
    case 'nat-v6':
    case 'flush-nat':
    case 'firewall':
    case 'block-frag-needed':
      changeRouter(lab, routerOf(node), change);
      return;
    default:
      changeDevice(lab, deviceOf(node), change);
  }
}

type RouterChange = Extract<
  LabChange,
  { type: 'uplink' | 'nat' | 'nat-v6' | 'flush-nat' | 'firewall' | 'block-frag-needed' }
>;

function changeRouter(lab: Lab, router: Router, change: RouterChange): void {
  switch (change.type) {
    case 'uplink':
      router.setUplink(upstreamOf(lab, change.to));
      return;
    case 'nat':
      router.setNat(change.nat);
      return;
    case 'nat-v6':
      router.setNatV6(change.natV6);
      return;
    case 'flush-nat':
      router.flushNat();
      return;
    case 'firewall':
      router.setFirewall(change.firewall);
      return;
    case 'block-frag-needed':
      router.setBlockFragNeeded(change.block);
  }
}

type DeviceChange = Exclude<
  LabChange,
  RouterChange | { type: 'link' | 'conditions' | 'mtu' | 'remove-node' }
>;

function changeDevice(lab: Lab, device: Device, change: DeviceChange): void {
  const { interface: name } = change;
  switch (change.type) {
    case 'default-route':
      device.setDefaultRoute(name);
      return;
    case 'replug':
      device.replug(name, routerOf(nodeOf(lab, change.to)));
      return;
    case 'renew-address':
      device.renewAddress(name);
      return;
    case 'add-address':
      device.addAddress(name, change.address);
      return;
    case 'remove-address':
      device.removeAddress(name, change.address);
      return;
    case 'add-interface': {
      const { to, conditions, mtu } = change;
      const options = { ...(conditions !== undefined && { conditions }), ...(mtu && { mtu }) };
      device.addInterface(name, routerOf(nodeOf(lab, to)), options);
      return;
    }
    case 'remove-interface':
      device.removeInterface(name);
  }
}

function nodeOf({ name: lab, nodes }: Lab, name: string): LabNode {
  const node = nodes.get(name);
  if (node) return node;
  throw new NetweirError('no-such-node', `lab ${lab} has no node ${name}`, {
    remedy: `There are: ${[...nodes.keys()].join(', ')}.`,
  });
}

function upstreamOf(lab: Lab, name: string): Router | Exchange {
  return name === lab.ix.name ? lab.ix : routerOf(nodeOf(lab, name));
}

function routerOf(node: LabNode): Router {
  if (node instanceof Router) return node;
  throw isNone(node, 'router');
}

function deviceOf(node: LabNode): Device {
  if (node instanceof Device) return node;
  throw isNone(node, 'device');
}

function isNone({ name }: LabNode, kind: string): NetweirError {
  return new NetweirError('lab-refused', `node ${name} is no ${kind}`, {
    remedy: `Name a ${kind}; \`netweir lab show\` tells what each node is.`,
  });
}
