import { Attributes } from '../netlink/attributes.ts';
import { ADD, CHANGE, type Message } from '../netlink/request.ts';
import { parseClass, type TcClass } from './class.ts';
import { type Filter, parseFilter } from './filter.ts';
import { parseQdisc, type Qdisc } from './qdisc.ts';
import {
  RTM_DELQDISC,
  RTM_DELTCLASS,
  RTM_DELTFILTER,
  readTcmsg,
  TCA_KIND,
  TCMSG_LENGTH,
  type Tcmsg,
} from './tcmsg.ts';

/** The verbs of tc that make or change something. */
export type TcVerb = 'add' | 'replace' | 'change';

/** What a request about traffic control asks for. */
export type TcRequest =
  | { readonly object: 'qdisc'; readonly verb: TcVerb; readonly qdisc: Qdisc }
  | { readonly object: 'class'; readonly verb: TcVerb; readonly tcClass: TcClass }
  | { readonly object: 'filter'; readonly verb: TcVerb; readonly filter: Filter }
  | {
      readonly object: 'qdisc' | 'class' | 'filter';
      readonly verb: 'delete';
      readonly place: Tcmsg;
      /** Where the deletion is of one kind only. */
      readonly kind: string | undefined;
    };

const DELETES: ReadonlyMap<number, 'qdisc' | 'class' | 'filter'> = new Map([
  [RTM_DELQDISC, 'qdisc'],
  [RTM_DELTCLASS, 'class'],
  [RTM_DELTFILTER, 'filter'],
]);

/** Reads a request that is to be sent; undefined for one that is not about traffic control, or asks only. */
export function readTcRequest(request: Message): TcRequest | undefined {
  const deleted = DELETES.get(request.type);
  if (deleted) {
    const kind = Attributes.read(request.body, TCMSG_LENGTH).string(TCA_KIND);
    return { object: deleted, verb: 'delete', place: readTcmsg(request), kind };
  }
  const verb = verbOf(request.flags);
  const qdisc = parseQdisc(request);
  if (qdisc) return { object: 'qdisc', verb, qdisc };
  const tcClass = parseClass(request);
  if (tcClass) return { object: 'class', verb, tcClass };
  const filter = parseFilter(request);
  return filter && { object: 'filter', verb, filter };
}

/** tc itself sends other flags for the replacing of qdiscs than of classes and filters. */
function verbOf(flags: number): TcVerb {
  const verb = flags & (ADD | 0x100);
  if (verb === CHANGE) return 'change';
  return verb === ADD ? 'add' : 'replace';
}
