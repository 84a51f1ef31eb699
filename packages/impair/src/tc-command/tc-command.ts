import {
  ETH_P_ALL,
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

/** linux/if_ether.h */
const ETH_P_IPV6 = 0x86dd;

/** What is there before a request. */
export interface TcContext {
  /** The options of the qdisc that is changed, where there is one: tc leaves what it does not mention as it is. */
  readonly changed?: QdiscOptions | undefined;
  /** The priorities that tc's lines gave to the filters that are deleted; the request's own if absent. */
  readonly prios?: readonly number[] | undefined;
}

/** What a request does, as lines that `tc` and `ip` do the same by; behind `#` stands what they cannot say. */
export function tcCommandOf(
  request: Request,
  interfaceNameOf: InterfaceNameOf,
  { changed, prios }: TcContext = {},
): string {
  const link = readLinkRequest(request);
  if (link) return linkCommand(link, interfaceNameOf);
  const tc = readTcRequest(request);
  if (!tc) return remark(`${request.operation} on ${request.target}`);
  if (tc.verb === 'delete') return deletion(tc, interfaceNameOf, prios);
  switch (tc.object) {
    case 'qdisc':
      return qdiscCommand(tc.verb, tc.qdisc, interfaceNameOf, changed);
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

/**
 * The priority that tc's line gives a filter. tc says no flower of all protocols that knows IP addresses, and a
 * priority has one protocol only: IPv6 takes the next one.
 */
export function prioForTc({ prio, protocol, options }: Filter): number {
  const isAll = options?.kind === 'flower' && protocol === ETH_P_ALL;
  return isAll && options.ethType === ETH_P_IPV6 ? prio + 1 : prio;
}

function filterCommand(verb: string, filter: Filter, interfaceNameOf: InterfaceNameOf): string {
  const { ifindex, parent, protocol, handle, kind, options } = filter;
  const name = quoted(interfaceNameOf(ifindex));
  if (kind === 'bpf') return remark(bpfRemark(filter, name));
  // tc takes the ethertype that flower looks at from the filter's protocol.
  const asked = options?.kind === 'flower' ? options.ethType : protocol;
  const start = [
    ...['tc', 'filter', verb, 'dev', name, ...parentWords(parent)],
    ...['protocol', ethertypeWord(asked), 'prio', String(prioForTc(filter))],
    ...(handle === 0 ? [] : ['handle', String(handle)]),
    kind,
  ];
  if (!options) return remark(`${line(start)}, with the options that it had`);
  const nameOf: InterfaceNameOf = (index) => quoted(interfaceNameOf(index));
  return line([...start, ...filterWords(options, nameOf)]);
}

function deletion(
  { object, place, kind }: Extract<TcRequest, { verb: 'delete' }>,
  interfaceNameOf: InterfaceNameOf,
  prios: readonly number[] | undefined,
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
      return (prios ?? [info >>> 16])
        .map((prio) => line([...start, ...parentWords(parent), ...asked, 'prio', String(prio)]))
        .join('\n');
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
