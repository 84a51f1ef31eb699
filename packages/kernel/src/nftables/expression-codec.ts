import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import type { Expression, KnownExpression } from './expression.ts';
import {
  be32,
  be64,
  data,
  dataOrVerdict,
  type Field,
  optional,
  text,
  u8,
} from './expression-fields.ts';
import { NFTA_LIST_ELEM, required } from './message.ts';

const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;

type Name = KnownExpression['name'];
type Fields<E> = { readonly [K in Exclude<keyof E, 'name'>]-?: Field<NonNullable<E[K]>> };

/**
 * The attributes of each expression (linux/netfilter/nf_tables.h), in the order in which nft writes
 * them.
 */
const CODECS: { readonly [N in Name]: Fields<Extract<KnownExpression, { name: N }>> } = {
  meta: { key: be32(2), dreg: optional(be32(1)), sreg: optional(be32(3)) },
  ct: {
    key: be32(2),
    dreg: optional(be32(1)),
    direction: optional(u8(3)),
    sreg: optional(be32(4)),
  },
  socket: { key: be32(1), dreg: be32(2) },
  payload: { dreg: be32(1), base: be32(2), offset: be32(3), length: be32(4) },
  cmp: { sreg: be32(1), op: be32(2), data: data(3) },
  range: { sreg: be32(1), op: be32(2), from: data(3), to: data(4) },
  bitwise: { sreg: be32(1), dreg: be32(2), length: be32(3), mask: data(4), xor: data(5) },
  byteorder: { sreg: be32(1), dreg: be32(2), op: be32(3), length: be32(4), size: be32(5) },
  immediate: { dreg: be32(1), data: dataOrVerdict(2) },
  lookup: {
    sreg: be32(2),
    dreg: optional(be32(3)),
    set: text(1),
    setId: optional(be32(4)),
    flags: optional(be32(5)),
  },
  dynset: {
    set: text(1),
    op: be32(3),
    sregKey: be32(4),
    sregData: optional(be32(5)),
    timeoutMs: optional(be64(6)),
  },
  nat: {
    type: be32(1),
    family: be32(2),
    addressMin: optional(be32(3)),
    addressMax: optional(be32(4)),
    portMin: optional(be32(5)),
    portMax: optional(be32(6)),
    flags: optional(be32(7)),
  },
  masq: { flags: optional(be32(1)), portMin: optional(be32(2)), portMax: optional(be32(3)) },
  redir: { portMin: optional(be32(1)), portMax: optional(be32(2)), flags: optional(be32(3)) },
  reject: { type: be32(1), icmpCode: optional(u8(2)) },
  counter: { bytes: optional(be64(1)), packets: optional(be64(2)) },
  limit: { rate: be64(1), unitS: be64(2), burst: be32(3), type: be32(4), flags: be32(5) },
  numgen: { dreg: be32(1), modulus: be32(2), type: be32(3), offset: be32(4) },
  fib: { dreg: be32(1), result: be32(2), flags: be32(3) },
  objref: { type: be32(1), object: text(2) },
  dup: { sregDevice: be32(2) },
  fwd: { sregDevice: be32(1) },
  notrack: {},
};

export function writeExpressions(writer: Writer, expressions: readonly Expression[]): void {
  for (const expression of expressions) {
    writer.nest(NFTA_LIST_ELEM, (nest) => writeExpression(nest, expression));
  }
}

/** @throws RangeError where an attribute is missing or too short */
export function readExpressions(list: Uint8Array): Expression[] {
  return Attributes.entries(list).map(({ payload }) => readExpression(Attributes.read(payload)));
}

function writeExpression(writer: Writer, expression: Expression): void {
  if (expression.name === 'unknown') {
    writer.attributeString(NFTA_EXPR_NAME, expression.kind);
    writer.nest(NFTA_EXPR_DATA, (nest) => nest.raw(expression.data));
    return;
  }
  const values = new Map(Object.entries(expression));
  writer.attributeString(NFTA_EXPR_NAME, expression.name);
  const write = (nest: Writer) => {
    for (const [key, field] of fieldsOf(expression.name)) {
      const value = values.get(key);
      if (value !== undefined) field.write(nest, value);
    }
  };
  if (expression.name !== 'notrack') writer.nest(NFTA_EXPR_DATA, write);
}

function readExpression(attributes: Attributes): Expression {
  const kind = required(attributes.string(NFTA_EXPR_NAME));
  const bytes = attributes.bytes(NFTA_EXPR_DATA) ?? new Uint8Array();
  if (!isKnown(kind)) return { name: 'unknown', kind, data: bytes };
  const nest = Attributes.read(bytes);
  const members = fieldsOf(kind).flatMap(([key, field]) => {
    const value = field.read(nest);
    return field.optional && value === undefined ? [] : [[key, required(value)]];
  });
  // The table above is what makes this the expression of that name.
  return { name: kind, ...Object.fromEntries(members) } as KnownExpression;
}

function fieldsOf(name: Name): [string, Field<unknown>][] {
  const fields: Readonly<Record<string, Field<unknown>>> = CODECS[name];
  return Object.entries(fields);
}

function isKnown(name: string): name is Name {
  return Object.hasOwn(CODECS, name);
}
