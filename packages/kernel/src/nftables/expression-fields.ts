import type { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import type { Verdict } from './expression.ts';
import { required } from './message.ts';

const NFTA_DATA_VALUE = 1;
const NFTA_DATA_VERDICT = 2;
const NFTA_VERDICT_CODE = 1;
const NFTA_VERDICT_CHAIN = 2;

/** How one member of an expression is written as an attribute and read from one. */
export interface Field<T> {
  write(writer: Writer, value: T): void;
  read(attributes: Attributes): T | undefined;
  readonly optional?: true;
}

/** An attribute that the kernel leaves out, or may be left out. */
export function optional<T>(field: Field<T>): Field<T> {
  return { ...field, optional: true };
}

export function u8(type: number): Field<number> {
  return {
    write: (writer, value) => writer.attributeU8(type, value),
    read: (attributes) => attributes.u8(type),
  };
}

export function be32(type: number): Field<number> {
  return {
    write: (writer, value) => writer.attributeBe32(type, value),
    read: (attributes) => attributes.be32(type),
  };
}

/** Beyond 2^53 a number is only near to what the kernel has. */
export function be64(type: number): Field<number> {
  return {
    write: (writer, value) => writer.attributeBe64(type, value),
    read: (attributes) => {
      const value = attributes.be64(type);
      return value === undefined ? undefined : Number(value);
    },
  };
}

export function text(type: number): Field<string> {
  return {
    write: (writer, value) => writer.attributeString(type, value),
    read: (attributes) => attributes.string(type),
  };
}

/** The bytes of a register. */
export function data(type: number): Field<Uint8Array> {
  return {
    write: (writer, value) => writeValue(writer, type, value),
    read: (attributes) => attributes.nested(type)?.bytes(NFTA_DATA_VALUE),
  };
}

/** The bytes of a register, or what goes into the verdict register. */
export function dataOrVerdict(type: number): Field<Uint8Array | Verdict> {
  return {
    write: (writer, value) => {
      if (value instanceof Uint8Array) writeValue(writer, type, value);
      else writer.nest(type, (nest) => writeVerdict(nest, value));
    },
    read: (attributes) => {
      const nest = attributes.nested(type);
      const verdict = nest?.nested(NFTA_DATA_VERDICT);
      return verdict ? readVerdict(verdict) : nest?.bytes(NFTA_DATA_VALUE);
    },
  };
}

function writeValue(writer: Writer, type: number, value: Uint8Array): void {
  writer.nest(type, (nest) => nest.attributeBytes(NFTA_DATA_VALUE, value));
}

function writeVerdict(writer: Writer, { code, chain }: Verdict): void {
  writer.nest(NFTA_DATA_VERDICT, (nest) => {
    nest.attributeBe32(NFTA_VERDICT_CODE, code);
    if (chain !== undefined) nest.attributeString(NFTA_VERDICT_CHAIN, chain);
  });
}

function readVerdict(attributes: Attributes): Verdict {
  const chain = attributes.string(NFTA_VERDICT_CHAIN);
  const code = required(attributes.be32(NFTA_VERDICT_CODE)) | 0;
  return chain === undefined ? { code } : { code, chain };
}
