import {
  ATTRIBUTE_HEADER_LENGTH,
  Attributes,
  attributeEnd,
  attributeType,
  type Digest,
  hasAttribute,
  nextAttribute,
  type TcView,
} from '@netweir/kernel';
import {
  actionsToSend,
  type Losses,
  policeToSend,
  recordActions,
  recordOldPolice,
  withIndices,
} from './action.ts';
import { editAttributes, u32At, u32Bytes, withAttribute } from './attributes.ts';

// linux/pkt_cls.h
const TCA_CLS_FLAGS_SKIP_HW = 1;
const TCA_CLS_FLAGS_SKIP_SW = 2;
const TCA_CLS_FLAGS_IN_HW = 4;
const TCA_CLS_FLAGS_VERBOSE = 16;
const TCA_BPF_FD = 6;
const TCA_BPF_TAG = 10;
const TCA_BPF_ID = 11;

/** The others are the kernel's to tell, and refused when they are sent (tc_flags_valid). */
const OUR_FLAGS = TCA_CLS_FLAGS_SKIP_HW | TCA_CLS_FLAGS_SKIP_SW | TCA_CLS_FLAGS_VERBOSE;

/** The numbers that linux/pkt_cls.h gives a classifier's attributes. */
interface Classifier {
  readonly actions: number;
  /** A police that is not among the actions (TC_OLD_COMPAT in net/sched/cls_api.c). */
  readonly oldPolice?: number;
  readonly flags?: number;
  /** What tells of the past, or of the hardware. */
  readonly past?: readonly number[];
}

/** Kinds whose dump, sent back, makes the same filter again. */
const CLASSIFIERS: ReadonlyMap<string, Classifier> = new Map([
  ['basic', { actions: 3, oldPolice: 4, past: [5] }],
  ['bpf', { actions: 1, oldPolice: 2, flags: 9 }],
  ['cgroup', { actions: 1, oldPolice: 2 }],
  ['flow', { actions: 9, oldPolice: 10 }],
  ['flower', { actions: 3, flags: 22, past: [101] }],
  ['fw', { actions: 4, oldPolice: 2 }],
  ['matchall', { actions: 2, flags: 3, past: [4] }],
  ['route', { actions: 6, oldPolice: 5 }],
  ['u32', { actions: 7, oldPolice: 6, flags: 11, past: [9] }],
]);

/** A filter's options without what changes by itself. */
export function recordFilterOptions(kind: string, options: Uint8Array, losses: Losses): Uint8Array {
  const classifier = CLASSIFIERS.get(kind);
  if (!classifier) {
    losses.push('it is of a kind that netweir cannot put back');
    return options;
  }
  const { actions, oldPolice, flags, past = [] } = classifier;
  if (flags !== undefined && u32At(Attributes.read(options).bytes(flags)) & TCA_CLS_FLAGS_IN_HW) {
    losses.push('it is offloaded to hardware');
  }
  return editAttributes(options, (type, payload) => {
    if (past.includes(type)) return undefined;
    if (type === actions) return recordActions(payload, losses);
    if (type === oldPolice) return recordOldPolice(payload, losses);
    return type === flags ? ourFlags(payload) : payload;
  });
}

/** Adds to a digest what `recordFilterOptions` keeps; false for a filter of a kind that it does not know. */
export function digestFilterOptions(
  digest: Digest,
  { kind, view, optionsStart, optionsEnd }: TcView,
): boolean {
  const classifier = CLASSIFIERS.get(kind);
  if (!classifier) return false;
  const { actions, oldPolice, flags, past } = classifier;
  for (let at = optionsStart; hasAttribute(view, at, optionsEnd); at = nextAttribute(view, at)) {
    const type = attributeType(view, at);
    if (past?.includes(type)) continue;
    const [from, to] = [at + ATTRIBUTE_HEADER_LENGTH, attributeEnd(view, at)];
    digest.number(type);
    if (type === flags) digest.number(to - from < 4 ? 0 : view.getUint32(from, true) & OUR_FLAGS);
    else if (type === actions) addActions(digest, recordActions(payloadOf(view, from, to), []));
    else if (type === oldPolice) addActions(digest, recordOldPolice(payloadOf(view, from, to), []));
    else digest.bytes(view, from, to);
  }
  return true;
}

function addActions(digest: Digest, kept: Uint8Array): void {
  digest.bytes(new DataView(kept.buffer, kept.byteOffset, kept.length), 0, kept.length);
}

function payloadOf({ buffer, byteOffset }: DataView, from: number, to: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + from, to - from);
}

/** What makes a filter that is dumped with the options `recorded`. */
export function filterOptionsToSend(kind: string, recorded: Uint8Array): Uint8Array {
  const classifier = CLASSIFIERS.get(kind);
  return editAttributes(recorded, (type, payload) => {
    if (type === classifier?.actions) return actionsToSend(payload);
    return type === classifier?.oldPolice ? policeToSend(payload) : payload;
  });
}

/** The attributes of each of a filter's actions, as they are dumped or recorded. */
export function actionsOf(kind: string, options: Uint8Array): Uint8Array[] {
  const nest = Attributes.read(options).bytes(CLASSIFIERS.get(kind)?.actions ?? 0);
  return nest ? Attributes.entries(nest).map(({ payload }) => payload) : [];
}

/** A filter's options, with other indices of its actions. */
export function withActionIndices(
  kind: string,
  options: Uint8Array,
  indexOf: (kind: string, index: number) => number,
): Uint8Array {
  const actions = CLASSIFIERS.get(kind)?.actions;
  return editAttributes(options, (type, payload) =>
    type === actions ? withIndices(payload, indexOf) : payload,
  );
}

/** The number of the BPF program that a filter runs; undefined for other filters, and for classic BPF. */
export function programOf(kind: string, options: Uint8Array): number | undefined {
  const id = kind === 'bpf' ? Attributes.read(options).bytes(TCA_BPF_ID) : undefined;
  return id && u32At(id);
}

/** The options of a BPF filter with the descriptor of its program in place of what is dumped of it. */
export function runProgram(options: Uint8Array, fd: number): Uint8Array {
  const others = editAttributes(options, (type, payload) =>
    type === TCA_BPF_TAG || type === TCA_BPF_ID ? undefined : payload,
  );
  return withAttribute(others, TCA_BPF_FD, u32Bytes(fd));
}

/** Whether a filter runs a program that was loaded, which its options name but do not hold. */
export function isProgramRunning(kind: string, options: string | null): boolean {
  return options !== null && programOf(kind, Buffer.from(options, 'base64')) !== undefined;
}

function ourFlags(payload: Uint8Array): Uint8Array | undefined {
  const flags = u32At(payload) & OUR_FLAGS;
  return flags === 0 ? undefined : u32Bytes(flags);
}
