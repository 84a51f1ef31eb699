import { Attributes } from '../netlink/attributes.ts';
import { ADD, CHANGE, type Message, type Query, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { addressFamily, ipFamily, unspecifiedAddress } from './address-family.ts';
import { bodyView } from './body-view.ts';
import { assertInterfaceName } from './interface-name.ts';
import type { IpFamily } from './ip-address.ts';
import { formatIpPrefix, networkOf, parseIpPrefix } from './ip-prefix.ts';
import { unlessMalformed } from './malformed.ts';

/** linux/rtnetlink.h, linux/fib_rules.h */
const RTM_NEWRULE = 32;
const RTM_DELRULE = 33;
const RTM_GETRULE = 34;
const FRA_DST = 1;
const FRA_SRC = 2;
const FRA_IIFNAME = 3;
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FRA_TABLE = 15;
const FRA_FWMASK = 16;
const FR_ACT_UNSPEC = 0;
const FR_ACT_TO_TBL = 1;
const FIB_RULE_HDR_LENGTH = 12;

/** What a packet must be for a rule, and which rule is meant. */
export interface RuleSelector {
  readonly family: IpFamily;
  /** Rules are tried from 0 upwards; the kernel picks one by default. */
  readonly priority?: number;
  /** Prefix of the packet's source. */
  readonly source?: string;
  /** Prefix of the packet's destination. */
  readonly destination?: string;
  /** Name of the interface that the packet came in by. */
  readonly iifName?: string;
  readonly fwmark?: number;
  /** Which bits of the mark count; all by default. */
  readonly fwmask?: number;
  /** Routing table to look up. */
  readonly table?: number;
}

/** A routing policy rule that looks up a table. */
export interface NewRule extends RuleSelector {
  readonly table: number;
}

/** A routing policy rule as the kernel describes it. */
export interface Rule {
  readonly family: IpFamily;
  readonly priority: number;
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly iifName: string | undefined;
  readonly fwmark: number | undefined;
  readonly fwmask: number | undefined;
  readonly table: number;
  /** FR_ACT_* of linux/fib_rules.h: 1 looks up the table, 6 blackhole, 7 unreachable, 8 prohibit. */
  readonly action: number;
}

/** Adds a rule; EEXIST where there is the same. */
export function addRule(rule: NewRule): Request {
  return ruleRequest('add', RTM_NEWRULE, ADD, rule, FR_ACT_TO_TBL);
}

/** Deletes the first rule that has all that is given; ENOENT where none has. */
export function deleteRule(rule: RuleSelector): Request {
  return ruleRequest('delete', RTM_DELRULE, CHANGE, rule, FR_ACT_UNSPEC);
}

/** A dump of the rules of one family or of both. */
export function dumpRules({ family }: { family?: IpFamily } = {}): Query<Rule> {
  return {
    operation: 'dump rules',
    target: family === undefined ? 'all families' : `IPv${family}`,
    type: RTM_GETRULE,
    flags: 0,
    body: new Writer()
      .u8(addressFamily(family))
      .zeros(FIB_RULE_HDR_LENGTH - 1)
      .finish(),
    parse: (message) => {
      const event = parseRuleMessage(message);
      return event?.deleted === false ? event.rule : undefined;
    },
  };
}

/** What an RTM_NEWRULE or RTM_DELRULE notification says. */
export interface RuleEvent {
  readonly deleted: boolean;
  readonly rule: Rule;
}

export function parseRuleMessage({ type, body }: Message): RuleEvent | undefined {
  if (type !== RTM_NEWRULE && type !== RTM_DELRULE) return undefined;
  const rule = unlessMalformed(() => decodeRule(body));
  return rule && { deleted: type === RTM_DELRULE, rule };
}

function ruleRequest(
  verb: string,
  type: number,
  flags: number,
  rule: RuleSelector,
  action: number,
): Request {
  const { family, table = 0 } = rule;
  const source = rule.source === undefined ? undefined : parseIpPrefix(rule.source);
  const destination = rule.destination === undefined ? undefined : parseIpPrefix(rule.destination);
  const writer = new Writer()
    .u8(addressFamily(family))
    .u8(destination?.prefixLength ?? 0)
    .u8(source?.prefixLength ?? 0)
    .u8(0)
    .u8(table <= 255 ? table : 0)
    .zeros(2)
    .u8(action)
    .u32(0);
  if (source) writer.attributeBytes(FRA_SRC, networkOf(source));
  if (destination) writer.attributeBytes(FRA_DST, networkOf(destination));
  ruleAttributes(writer, rule);
  return {
    operation: `${verb} rule`,
    target: `IPv${family} priority ${rule.priority ?? 'any'}`,
    type,
    flags,
    body: writer.finish(),
  };
}

function ruleAttributes(writer: Writer, rule: RuleSelector): void {
  const { iifName, fwmark, fwmask, table, priority } = rule;
  if (iifName !== undefined) {
    assertInterfaceName(iifName);
    writer.attributeString(FRA_IIFNAME, iifName);
  }
  if (fwmark !== undefined) writer.attributeU32(FRA_FWMARK, fwmark);
  if (fwmask !== undefined) writer.attributeU32(FRA_FWMASK, fwmask);
  if (table !== undefined && table > 255) writer.attributeU32(FRA_TABLE, table);
  if (priority !== undefined) writer.attributeU32(FRA_PRIORITY, priority);
}

function decodeRule(body: Uint8Array): Rule | undefined {
  const header = bodyView(body);
  const attributes = Attributes.read(body, FIB_RULE_HDR_LENGTH);
  const family = ipFamily(header.getUint8(0));
  if (family === undefined) return undefined;
  const prefix = (type: number, length: number): string | undefined => {
    if (length === 0) return undefined;
    return formatIpPrefix(attributes.bytes(type) ?? unspecifiedAddress(family), length);
  };
  return {
    family,
    priority: attributes.u32(FRA_PRIORITY) ?? 0,
    source: prefix(FRA_SRC, header.getUint8(2)),
    destination: prefix(FRA_DST, header.getUint8(1)),
    iifName: attributes.string(FRA_IIFNAME),
    fwmark: attributes.u32(FRA_FWMARK),
    fwmask: attributes.u32(FRA_FWMASK),
    table: attributes.u32(FRA_TABLE) ?? header.getUint8(4),
    action: header.getUint8(7),
  };
}
