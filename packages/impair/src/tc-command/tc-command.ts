import {
  type Filter,
  formatHandle,
  type LinkRequest,
  type Qdisc,
  type QdiscOptions,
  type Request,
  readLinkRequest,
  readTcRequest,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
  TC_H_INGRESS,
  TC_H_ROOT,
  type TcClass,
  type TcRequest,
} from '@netweir/kernel';
import { bpfRemark } from './bpf-remark.ts';
import { ethertypeWord, filterWords, type InterfaceNameOf } from './filter-words.ts';
import { classWords, qdiscWords } from './qdisc-words.ts';

/**
 * What a request does, as lines that `tc` and `ip` do the same by; behind `#` stands what they cannot say.
 * `before` are the options of the qdisc that is changed, where there is one: tc leaves what it does not
 * mention as it is.
 */
export function tcCommandOf(
  request: Request,
  interfaceNameOf: InterfaceNameOf,
  before?: QdiscOptions,
): string {
  const link = readLinkRequest(request);
  if (link) return linkCommand(link, interfaceNameOf);
  const tc = readTcRequest(request);
  if (!tc) return remark(`${request.operation} on ${request.target}`);
  if (tc.verb === 'delete') return deletion(tc, interfaceNameOf);
  switch (tc.object) {
    case 'qdisc':
      return qdiscCommand(tc.verb, tc.qdisc, interfaceNameOf, before);
    case 'class':
      return classCommand(tc.verb, tc.tcClass, interfaceNameOf);
    case 'filter':
      return filterCommand(tc.verb, tc.filter, interfaceNameOf);
  }
}

function qdiscCommand(
  verb: string,
  { ifindex, parent, handle, kind, options, rawOptions }: Qdisc,
  interfaceNameOf: InterfaceNameOf,
  before: QdiscOptions | undefined,
): string {
  const place =
    parent === TC_H_INGRESS ? [] : [...parentWords(parent), ...handleWords('handle', handle)];
  const start = ['tc', 'qdisc', verb, 'dev', quoted(interfaceNameOf(ifindex)), ...place, kind];
  if (!options && rawOptions) return remark(`${line(start)}, with the options that it had`);
  const { words, remarks } = options ? qdiscWords(options, before) : { words: [], remarks: [] };
  return [line([...start, ...words]), ...remarks.map(remark)].join('\n');
}

function classCommand(verb: string, tcClass: TcClass, interfaceNameOf: InterfaceNameOf): string {
  const { ifindex, parent, handle, kind, options } = tcClass;
  const place = [...parentWords(parent), ...handleWords('classid', handle)];
  const start = ['tc', 'class', verb, 'dev', quoted(interfaceNameOf(ifindex)), ...place, kind];
  return options
    ? line([...start, ...classWords(options)])
    : remark(`${line(start)}, with the options that it had`);
}

function filterCommand(verb: string, filter: Filter, interfaceNameOf: InterfaceNameOf): string {
  const { ifindex, parent, prio, protocol, handle, kind, options } = filter;
  const name = quoted(interfaceNameOf(ifindex));
  // tc takes the ethertype that flower looks at from the filter's protocol, of which a priority has one.
  const isFlower = options?.kind === 'flower';
  const asked = isFlower ? options.ethType : protocol;
  const start = [
    ...['tc', 'filter', verb, 'dev', name, ...parentWords(parent)],
    ...['protocol', ethertypeWord(asked), 'prio', String(prio)],
    ...(handle === 0 ? [] : ['handle', String(handle)]),
    kind,
  ];
  if (kind === 'bpf') return remark(bpfRemark(filter, name));
  if (!options) return remark(`${line(start)}, with the options that it had`);
  const command = line([
    ...start,
    ...filterWords(options, (index) => quoted(interfaceNameOf(index))),
  ]);
  return asked === protocol
    ? command
    : `${command}\n${remark(`of protocol ${ethertypeWord(protocol)}, which tc cannot say of flower: with it, a priority has IPv4 and IPv6`)}`;
}

function deletion(
  { object, place, kind }: Extract<TcRequest, { verb: 'delete' }>,
  interfaceNameOf: InterfaceNameOf,
): string {
  const start = ['tc', object, 'del', 'dev', quoted(interfaceNameOf(place.ifindex))];
  const { parent, handle, info } = place;
  switch (object) {
    case 'class':
      return line([...start, ...handleWords('classid', handle)]);
    case 'filter': {
      // In network order; 0 is every protocol.
      const protocol = ((info & 0xff) << 8) | ((info >>> 8) & 0xff);
      const asked = protocol === 0 ? [] : ['protocol', ethertypeWord(protocol)];
      return line([...start, ...parentWords(parent), ...asked, 'prio', String(info >>> 16)]);
    }
    case 'qdisc':
      // Either of the two is deleted by its name.
      if (parent === TC_H_INGRESS) return line([...start, kind ?? 'clsact']);
      return line([...start, ...parentWords(parent), ...handleWords('handle', handle)]);
  }
}

function linkCommand(link: LinkRequest, interfaceNameOf: InterfaceNameOf): string {
  const { verb, ifindex, kind, name = '', mtu, txqlen, alias, address, up } = link;
  const settings = [
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
    ...(txqlen === undefined ? [] : ['txqueuelen', String(txqlen)]),
    ...(address === undefined ? [] : ['address', address]),
  ];
  if (verb === 'add') {
    return line(['ip', 'link', 'add', quoted(name), ...settings, 'type', kind ?? '']);
  }
  const dev = quoted(ifindex === 0 ? name : interfaceNameOf(ifindex));
  if (verb === 'delete') return line(['ip', 'link', 'del', 'dev', dev]);
  return line([
    ...['ip', 'link', 'set', 'dev', dev, ...settings],
    ...(ifindex !== 0 && name !== '' ? ['name', quoted(name)] : []),
    ...(alias === undefined ? [] : ['alias', quoted(alias)]),
    ...(up === undefined ? [] : [up ? 'up' : 'down']),
  ]);
}

function parentWords(parent: number): string[] {
  switch (parent) {
    case TC_H_ROOT:
      return ['root'];
    case TC_H_CLSACT_INGRESS:
      return ['ingress'];
    case TC_H_CLSACT_EGRESS:
      return ['egress'];
    default:
      return ['parent', formatHandle(parent)];
  }
}

function handleWords(word: string, handle: number): string[] {
  return handle === 0 ? [] : [word, formatHandle(handle)];
}

/** A word that a shell reads as it is. */
function quoted(word: string): string {
  return /^[\w.@%:+-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function line(words: readonly string[]): string {
  return words.join(' ');
}

function remark(text: string): string {
  return `# ${text}`;
}
