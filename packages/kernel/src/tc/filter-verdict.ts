import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import { requireInteger, requireU32, S32_MAX } from './range.ts';
import { StructReader } from './struct-reader.ts';

// linux/pkt_cls.h
const TCA_ACT_KIND = 1; // @nl: TCA_ACT_KIND rw 2.6.8
const TCA_ACT_OPTIONS = 2; // @nl: TCA_ACT_OPTIONS rw 2.6.8
const TC_ACT_STOLEN = 4;
/** TCA_ACT_MAX_PRIO: the kernel reads no action behind the 32nd. */
const MAX_ACTIONS = 32;

// linux/tc_act/tc_mirred.h
const TCA_MIRRED_PARMS = 2; // @nl: TCA_MIRRED_PARMS rw 2.6.8
const TCA_EGRESS_REDIR = 1;

/** Has the packet sent by another interface, and it goes no further on its own way (act_mirred). */
export interface RedirectAction {
  readonly kind: 'redirect';
  /** In the filter's namespace. Once that interface is gone, or while it is down, packets are dropped. */
  readonly toIfindex: number;
}

/** What a filter has done with the packets that it takes. */
export type FilterAction = RedirectAction;

/** What becomes of the packets that a filter takes. */
export interface FilterVerdict {
  /**
   * The class that they belong to. The kernel takes the id of a class that there is not; htb treats such
   * packets as those that no filter takes.
   */
  readonly classid?: number;
  /** Done one after another; the kernel knows 32 at most. */
  readonly actions?: readonly FilterAction[];
}

/** The attributes that hold the verdict: of each kind of filter others. */
export interface VerdictTypes {
  readonly classid: number;
  readonly actions: number;
}

/** Throws RangeError. */
export function writeVerdict(writer: Writer, types: VerdictTypes, verdict: FilterVerdict): void {
  const { classid, actions = [] } = verdict;
  if (classid !== undefined) writer.attributeU32(types.classid, requireU32('classid', classid));
  if (actions.length === 0) return;
  requireInteger('number of actions', actions.length, 1, MAX_ACTIONS);
  // As tc sends it: only the innermost are marked as nests.
  writer.attribute(types.actions, (list) => {
    for (const [index, action] of actions.entries()) {
      list.attribute(index + 1, (w) => writeAction(w, action));
    }
  });
}

/** Undefined where one of the actions is not understood. */
export function readVerdict(
  attributes: Attributes,
  types: VerdictTypes,
): FilterVerdict | undefined {
  const classid = attributes.bytes(types.classid);
  const list = attributes.bytes(types.actions);
  const actions = list && Attributes.entries(list).map(({ payload }) => readAction(payload));
  if (!actions?.every((action) => action !== undefined)) {
    return actions ? undefined : classidOf(classid);
  }
  return { ...classidOf(classid), ...(actions.length > 0 && { actions }) };
}

function classidOf(payload: Uint8Array | undefined): { classid?: number } {
  return payload ? { classid: new StructReader(payload).u32() } : {};
}

/** `struct tc_mirred`: index, capabilities, action, two reference counts, what to do, and where. */
function writeAction(writer: Writer, { toIfindex }: RedirectAction): void {
  const to = requireInteger('toIfindex', toIfindex, 1, S32_MAX);
  writer
    .attributeString(TCA_ACT_KIND, 'mirred')
    .nest(TCA_ACT_OPTIONS, (options) =>
      options.attribute(TCA_MIRRED_PARMS, (w) =>
        w.u32(0).u32(0).i32(TC_ACT_STOLEN).i32(0).i32(0).i32(TCA_EGRESS_REDIR).u32(to),
      ),
    );
}

function readAction(payload: Uint8Array): FilterAction | undefined {
  const attributes = Attributes.read(payload);
  const parms = attributes.nested(TCA_ACT_OPTIONS)?.bytes(TCA_MIRRED_PARMS);
  if (attributes.string(TCA_ACT_KIND) !== 'mirred' || !parms) return undefined;
  const reader = new StructReader(parms);
  reader.u32();
  reader.u32();
  const action = reader.i32();
  reader.i32();
  reader.i32();
  const how = reader.i32();
  const toIfindex = reader.u32();
  if (action !== TC_ACT_STOLEN || how !== TCA_EGRESS_REDIR) return undefined;
  return { kind: 'redirect', toIfindex };
}
