import { requireInteger, U32_MAX } from '../tc/range.ts';
import { loadConcatenation, loadGuarded } from './concatenation.ts';
import {
  NF_ACCEPT,
  NF_DROP,
  NFT_GOTO,
  NFT_JUMP,
  NFT_REG_VERDICT,
  NFT_RETURN,
  register,
} from './expression.ts';
import { NFT_META_MARK } from './meta-keys.ts';
import type { Statement } from './rule-draft.ts';
import type { Selector } from './selector.ts';

const NFT_DYNSET_OP_ADD = 0;
const NFT_DYNSET_OP_UPDATE = 1;
const NFT_DYNSET_OP_DELETE = 2;
const NFT_LIMIT_PKTS = 0;
const NFT_LIMIT_PKT_BYTES = 1;
const NFT_LIMIT_F_INV = 1;
const NFT_OBJECT_CT_TIMEOUT = 7;

const WORDS_PER_REGISTER = 4;
const UNIT_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;
/** nft's own default for packets; of bytes it has none. */
const DEFAULT_BURST_PACKETS = 5;

export const accept: Statement = verdict(NF_ACCEPT);
export const drop: Statement = verdict(NF_DROP);
/** Goes back to the rule behind the one that jumped here; in a base chain to its policy. */
export const returnToCaller: Statement = verdict(NFT_RETURN);

/** Goes on in another chain and, if that decides nothing, comes back. */
export function jumpTo(chain: string): Statement {
  return verdict(NFT_JUMP, chain);
}

/** Goes on in another chain for good. */
export function goTo(chain: string): Statement {
  return verdict(NFT_GOTO, chain);
}

/** Counts packets and bytes, for `listRules`. */
export const counter: Statement = (rule) => rule.push({ name: 'counter' });

/** Leaves the packet out of conntrack; in a chain before it (priority `raw`). */
export const notrack: Statement = (rule) => rule.push({ name: 'notrack' });

/** Gives the connections that begin with such packets the timeouts of a ct timeout object. */
export function setCtTimeout(object: string): Statement {
  return (rule) => rule.push({ name: 'objref', type: NFT_OBJECT_CT_TIMEOUT, object });
}

/** Gives the packet the mark that a selector gives. */
export function setMark(mark: Selector): Statement {
  return (rule) => {
    loadConcatenation(rule, [mark], 0);
    rule.push({ name: 'meta', key: NFT_META_MARK, sreg: register(0) });
  };
}

export interface Rate {
  /** Packets, or bytes where `unit` says so. */
  readonly rate: number;
  readonly per: keyof typeof UNIT_SECONDS;
  readonly unit?: 'packets' | 'bytes';
  /** What may come at once beyond it: 5 packets or 0 bytes by default. */
  readonly burst?: number;
  /** Goes on with the packets beyond the rate, in place of those within it. */
  readonly over?: boolean;
}

/** Goes on with packets as long as they are no more than a rate. */
export function limitRate({ rate, per, unit = 'packets', burst, over = false }: Rate): Statement {
  requireInteger('rate', rate, 1, Number.MAX_SAFE_INTEGER);
  const packets = unit === 'packets';
  const limit = {
    name: 'limit',
    rate,
    unitS: UNIT_SECONDS[per],
    burst: requireInteger('burst', burst ?? (packets ? DEFAULT_BURST_PACKETS : 0), 0, U32_MAX),
    type: packets ? NFT_LIMIT_PKTS : NFT_LIMIT_PKT_BYTES,
    flags: over ? NFT_LIMIT_F_INV : 0,
  } as const;
  return (rule) => rule.push(limit);
}

export interface ElementOfPacket {
  /** One selector for each type of the set's key. */
  readonly key: Selector | readonly Selector[];
  /** One selector for each type of the map's data. */
  readonly data?: Selector | readonly Selector[];
  /** Milliseconds; the set's own timeout by default. */
  readonly timeoutMs?: number;
}

/** Adds what a packet has to a dynamic set or map; renews the timeout where it is there already. */
export function updateSet(set: string, element: ElementOfPacket): Statement {
  return dynamicElement(NFT_DYNSET_OP_UPDATE, set, element);
}

/** Adds what a packet has to a dynamic set or map, and leaves what is there as it is. */
export function addToSet(set: string, element: ElementOfPacket): Statement {
  return dynamicElement(NFT_DYNSET_OP_ADD, set, element);
}

/** Takes out of a dynamic set or map what a packet has; goes on also where there is no such element. */
export function deleteFromSet(set: string, element: Omit<ElementOfPacket, 'timeoutMs'>): Statement {
  return dynamicElement(NFT_DYNSET_OP_DELETE, set, element);
}

function dynamicElement(op: number, set: string, element: ElementOfPacket): Statement {
  const keys = [element.key].flat();
  const data = [element.data ?? []].flat();
  const { timeoutMs } = element;
  return (rule) => {
    for (const selector of data) selector.guard?.(rule);
    const end = loadConcatenation(rule, keys, 0);
    const dataWord = Math.ceil(end / WORDS_PER_REGISTER) * WORDS_PER_REGISTER;
    loadGuarded(rule, data, dataWord);
    rule.push({
      name: 'dynset',
      set,
      op,
      sregKey: register(0),
      ...(data.length > 0 && { sregData: register(dataWord) }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  };
}

function verdict(code: number, chain?: string): Statement {
  const data = chain === undefined ? { code } : { code, chain };
  return (rule) => rule.push({ name: 'immediate', dreg: NFT_REG_VERDICT, data });
}
