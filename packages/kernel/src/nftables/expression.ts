/**
 * Expressions are the instructions of a rule, as the kernel takes and gives them. Registers are the
 * kernel's numbers (`register`), other numbers its constants of linux/netfilter/nf_tables.h; data is in
 * the byte order of the register.
 */
export type Expression = KnownExpression | UnknownExpression;

/** What the decoder does not know, kept as it is. */
export interface UnknownExpression {
  readonly name: 'unknown';
  /** The kernel's name, such as `queue`. */
  readonly kind: string;
  /** The attributes of NFTA_EXPR_DATA. */
  readonly data: Uint8Array;
}

export type KnownExpression =
  | { name: 'meta'; key: number; dreg?: number; sreg?: number }
  | { name: 'ct'; key: number; dreg?: number; direction?: number; sreg?: number }
  | { name: 'socket'; key: number; dreg: number }
  | { name: 'payload'; dreg: number; base: number; offset: number; length: number }
  | { name: 'cmp'; sreg: number; op: number; data: Uint8Array }
  | { name: 'range'; sreg: number; op: number; from: Uint8Array; to: Uint8Array }
  | {
      name: 'bitwise';
      sreg: number;
      dreg: number;
      length: number;
      mask: Uint8Array;
      xor: Uint8Array;
    }
  | { name: 'byteorder'; sreg: number; dreg: number; op: number; length: number; size: number }
  | { name: 'immediate'; dreg: number; data: Uint8Array | Verdict }
  | { name: 'lookup'; set: string; sreg: number; dreg?: number; setId?: number; flags?: number }
  | {
      name: 'dynset';
      set: string;
      op: number;
      sregKey: number;
      sregData?: number;
      timeoutMs?: number;
    }
  | {
      name: 'nat';
      type: number;
      family: number;
      addressMin?: number;
      addressMax?: number;
      portMin?: number;
      portMax?: number;
      flags?: number;
    }
  | { name: 'masq'; flags?: number; portMin?: number; portMax?: number }
  | { name: 'redir'; portMin?: number; portMax?: number; flags?: number }
  | { name: 'reject'; type: number; icmpCode?: number }
  | { name: 'counter'; bytes?: number; packets?: number }
  | {
      name: 'limit';
      rate: number;
      unitS: number;
      burst: number;
      type: number;
      flags: number;
    }
  | { name: 'numgen'; dreg: number; modulus: number; type: number; offset: number }
  | { name: 'fib'; dreg: number; result: number; flags: number }
  | { name: 'objref'; type: number; object: string }
  | { name: 'dup'; sregDevice: number }
  | { name: 'fwd'; sregDevice: number }
  | { name: 'notrack' };

/** A verdict: `code` is NF_DROP, NF_ACCEPT or one of NFT_*. */
export interface Verdict {
  readonly code: number;
  /** Where to, for a jump and a goto. */
  readonly chain?: string;
}

/** linux/netfilter.h, enum nft_verdicts */
export const NF_DROP = 0;
export const NF_ACCEPT = 1;
export const NFT_JUMP: number = -3;
export const NFT_GOTO: number = -4;
export const NFT_RETURN: number = -5;

/** enum nft_registers: the verdict, and the number from which four-byte registers count. */
export const NFT_REG_VERDICT = 0;
const NFT_REG32_00 = 8;
const NFT_REG_1 = 1;
const WORDS_PER_REGISTER = 4;
const WORDS = 16;

/** enum nft_cmp_ops, nft_range_ops */
export const NFT_CMP_EQ = 0;
export const NFT_CMP_NEQ = 1;
export const NFT_CMP_LTE = 3;
export const NFT_CMP_GTE = 5;

/**
 * The number of the register at the `word`th four bytes (0 to 15), as the kernel prints it: the
 * sixteen-byte register where one starts there (nft_dump_register()).
 */
export function register(word: number): number {
  if (!Number.isInteger(word) || word < 0 || word >= WORDS) {
    throw new RangeError('a rule has registers for 64 bytes');
  }
  const aligned = word % WORDS_PER_REGISTER === 0;
  return aligned ? word / WORDS_PER_REGISTER + NFT_REG_1 : NFT_REG32_00 + word;
}

/** How many four-byte registers `length` bytes take. */
export function wordsOf(length: number): number {
  return Math.ceil(length / 4);
}
