import {
  ATTRIBUTE_HEADER_LENGTH,
  attributeEnd,
  attributeType,
  hasAttribute,
  nextAttribute,
} from '../netlink/attributes.ts';
import {
  handleAt,
  infoAt,
  parentAt,
  TCA_CHAIN,
  TCA_KIND,
  TCA_OPTIONS,
  TCMSG_LENGTH,
} from './tcmsg.ts';

const EMPTY = new DataView(new ArrayBuffer(0));

/** A message of traffic control, which holds only until the dump goes on. */
export interface TcView {
  readonly view: DataView;
  readonly kind: string;
  readonly parent: number;
  readonly handle: number;
  /** `tcm_info`: of a filter its priority in the upper half, its protocol in the lower. */
  readonly info: number;
  readonly chain: number;
  /** The payload of TCA_OPTIONS; both 0 where there is none. */
  readonly optionsStart: number;
  readonly optionsEnd: number;
}

/** One view for all messages of a dump: there may be hundreds. */
export class TcCursor implements TcView {
  view: DataView = EMPTY;
  /** Where the message's body starts and ends. */
  start = 0;
  end = 0;
  kind = '';
  parent = 0;
  handle = 0;
  info = 0;
  chain = 0;
  optionsStart = 0;
  optionsEnd = 0;

  /** Goes to the message whose body is between two places of `view`. */
  goTo(view: DataView, start: number, end: number): void {
    this.view = view;
    this.start = start;
    this.end = end;
    this.handle = handleAt(view, start, end);
    this.parent = parentAt(view, start, end);
    this.info = infoAt(view, start, end);
    this.chain = 0;
    this.optionsStart = 0;
    this.optionsEnd = 0;
    for (let at = start + TCMSG_LENGTH; hasAttribute(view, at, end); at = nextAttribute(view, at)) {
      this.#take(attributeType(view, at), at + ATTRIBUTE_HEADER_LENGTH, attributeEnd(view, at));
    }
  }

  #take(type: number, from: number, to: number): void {
    if (type === TCA_KIND) this.kind = textAt(this.view, from, to, this.kind);
    else if (type === TCA_CHAIN && to - from >= 4) this.chain = this.view.getUint32(from, true);
    else if (type === TCA_OPTIONS) {
      this.optionsStart = from;
      this.optionsEnd = to;
    }
  }
}

/** ASCII up to the first NUL; `known` where it is the same, which is not made anew. */
export function textAt(view: DataView, start: number, end: number, known: string): string {
  let at = start;
  while (at < end && view.getUint8(at) === known.charCodeAt(at - start)) at++;
  const isSame = at - start === known.length && (at === end || view.getUint8(at) === 0);
  if (isSame) return known;
  let text = '';
  for (at = start; at < end; at++) {
    const code = view.getUint8(at);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}
