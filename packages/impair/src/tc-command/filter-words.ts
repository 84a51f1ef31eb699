import {
  type FilterOptions,
  type Flower,
  type FlowerPorts,
  formatHandle,
  formatIpPrefix,
  type U32,
} from '@netweir/kernel';

/** Finds the name of an interface of the namespace by its index. */
export type InterfaceNameOf = (ifindex: number) => string;

const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmpv6',
  132: 'sctp',
};

/** The name of an ethertype where tc has one. */
export function ethertypeWord(ethertype: number): string {
  switch (ethertype) {
    case 3:
      return 'all';
    case 0x0800:
      return 'ip';
    case 0x86dd:
      return 'ipv6';
    default:
      return `0x${ethertype.toString(16)}`;
  }
}

/** What tc writes behind the kind of a filter. */
export function filterWords(options: FilterOptions, interfaceNameOf: InterfaceNameOf): string[] {
  const { classid, actions = [] } = options;
  return [
    ...(options.kind === 'flower' ? flowerWords(options) : []),
    ...(options.kind === 'u32' ? u32Words(options) : []),
    ...(classid === undefined ? [] : ['classid', formatHandle(classid)]),
    ...actions.flatMap(({ toIfindex }) => [
      ...['action', 'mirred', 'egress', 'redirect', 'dev'],
      interfaceNameOf(toIfindex),
    ]),
  ];
}

function flowerWords(flower: Flower): string[] {
  const { ipProtocol, source, destination, tos, sourcePorts, destinationPorts, fragment } = flower;
  return [
    ...(ipProtocol === undefined ? [] : ['ip_proto', protocolWord(ipProtocol)]),
    ...(destination ? ['dst_ip', formatIpPrefix(destination.bytes, destination.prefixLength)] : []),
    ...(source ? ['src_ip', formatIpPrefix(source.bytes, source.prefixLength)] : []),
    ...(tos ? ['ip_tos', `${byteWord(tos.value)}/${byteWord(tos.mask)}`] : []),
    ...(destinationPorts ? ['dst_port', portsWord(destinationPorts)] : []),
    ...(sourcePorts ? ['src_port', portsWord(sourcePorts)] : []),
    ...(fragment === undefined ? [] : ['ip_flags', fragment ? 'frag' : 'nofrag']),
  ];
}

function protocolWord(protocol: number): string {
  return PROTOCOLS[protocol] ?? byteWord(protocol);
}

function byteWord(byte: number): string {
  return `0x${byte.toString(16)}`;
}

function portsWord(ports: FlowerPorts): string {
  if ('first' in ports) return `${ports.first}-${ports.last}`;
  return ports.mask === 0xffff ? String(ports.port) : `${ports.port}/0x${ports.mask.toString(16)}`;
}

/** tc makes no filter of no words: one that looks at nothing takes every packet, too. */
function u32Words({ keys }: U32): string[] {
  const all = keys.length > 0 ? keys : [{ value: 0, mask: 0, offset: 0 }];
  return all.flatMap(({ value, mask, offset }) => [
    ...['match', 'u32', `0x${value.toString(16)}`, `0x${mask.toString(16)}`],
    ...['at', String(offset)],
  ]);
}
