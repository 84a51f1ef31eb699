import { ADD, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { requireInteger, S32_MAX, U16_MAX } from './range.ts';
import { RTM_DELTFILTER, RTM_NEWTFILTER, TCA_KIND, TCA_OPTIONS, writeTcmsg } from './tcmsg.ts';

// linux/pkt_cls.h
const TCA_U32_SEL = 5; // @nl: TCA_U32_SEL w 2.4
const TCA_U32_ACT = 7; // @nl: TCA_U32_ACT w 2.6.8
const TC_U32_TERMINAL = 1;
const TCA_ACT_KIND = 1; // @nl: TCA_ACT_KIND w 2.6.8
const TCA_ACT_OPTIONS = 2; // @nl: TCA_ACT_OPTIONS w 2.6.8
const TC_ACT_STOLEN = 4;

// linux/tc_act/tc_mirred.h
const TCA_MIRRED_PARMS = 2; // @nl: TCA_MIRRED_PARMS w 2.6.8
const TCA_EGRESS_REDIR = 1;

/** The first of a filter's actions, which are numbered. */
const FIRST = 1;
/** Of `struct tc_u32_key`: mask, value, and two offsets. */
const U32_KEY_LENGTH = 16;
/** ETH_P_ALL, in network order as `tcm_info` holds it. */
const ALL_PROTOCOLS = 0x0300;

/** Where a filter is or shall be that is asked about packets of all protocols. */
export interface RedirectFilterPlace {
  readonly ifindex: number;
  /** A qdisc, a class, TC_H_CLSACT_INGRESS or TC_H_CLSACT_EGRESS. */
  readonly parent: number;
  /** 1 to 65535; lower ones are asked first. */
  readonly prio: number;
  /** For error messages: the interface's name. */
  readonly target: string;
}

/**
 * Adds a filter that has every packet sent by another interface (cls_u32 with act_mirred). Once that one is
 * gone, the packets are dropped. Needs no BPF, so that an ordinary user's own namespaces can have it.
 * Throws RangeError; the kernel says ENOENT where it has no cls_u32 or no act_mirred.
 */
export function addRedirectFilter(place: RedirectFilterPlace, toIfindex: number): Request {
  const to = requireInteger('ifindex', toIfindex, 1, S32_MAX);
  const body = startBody(place).attributeString(TCA_KIND, 'u32');
  // As tc sends it: only the innermost are marked as nests.
  body.attribute(TCA_OPTIONS, (options) =>
    options
      .attribute(TCA_U32_ACT, (actions) =>
        actions.attribute(FIRST, (action) =>
          action
            .attributeString(TCA_ACT_KIND, 'mirred')
            .nest(TCA_ACT_OPTIONS, (mirred) =>
              mirred.attribute(TCA_MIRRED_PARMS, (w) => writeMirred(w, to)),
            ),
        ),
      )
      .attribute(TCA_U32_SEL, writeMatchAll),
  );
  return {
    operation: 'add u32 filter',
    target: place.target,
    type: RTM_NEWTFILTER,
    flags: ADD,
    body: body.finish(),
  };
}

/** Deletes the filters of a priority, of whatever kind they are; ENOENT where there are none. */
export function deleteFilters(place: RedirectFilterPlace): Request {
  return {
    operation: 'delete filters',
    target: place.target,
    type: RTM_DELTFILTER,
    flags: 0,
    body: startBody(place).finish(),
  };
}

/** `struct tc_mirred`: index, capabilities, action, two reference counts, what to do, and where. */
function writeMirred(writer: Writer, toIfindex: number): void {
  writer.u32(0).u32(0).i32(TC_ACT_STOLEN).i32(0).i32(0).i32(TCA_EGRESS_REDIR).u32(toIfindex);
}

/** `struct tc_u32_sel` with one key whose mask is empty. */
function writeMatchAll(writer: Writer): void {
  writer.u8(TC_U32_TERMINAL).u8(0).u8(1).u8(0).zeros(12).zeros(U32_KEY_LENGTH);
}

function startBody({ ifindex, parent, prio }: RedirectFilterPlace): Writer {
  const info = requireInteger('prio', prio, 1, U16_MAX) * 0x1_0000 + ALL_PROTOCOLS;
  return writeTcmsg(new Writer(), { ifindex, handle: 0, parent, info });
}
