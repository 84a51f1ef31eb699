/**
 * The instructions of eBPF that our programs are made of, under the names that the kernel's
 * include/linux/filter.h and linux/bpf.h give them. Jumps name a label instead of counting.
 */
export interface BpfInstruction {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  /** Displacement of a memory access, or the label that a jump leads to. */
  readonly off: number | string;
  /** Signed, 32 bits. */
  readonly imm: number;
}

/** A place that jumps lead to; it takes no room. */
export interface BpfLabel {
  readonly label: string;
}

// Registers: result, arguments (lost in calls), one that survives calls, and the frame pointer.
export const BPF_REG_0 = 0;
export const BPF_REG_1 = 1;
export const BPF_REG_2 = 2;
export const BPF_REG_3 = 3;
export const BPF_REG_4 = 4;
export const BPF_REG_5 = 5;
export const BPF_REG_6 = 6;
export const BPF_REG_7 = 7;
export const BPF_REG_10 = 10;

// Widths of memory accesses.
export const BPF_W = 0x00;
export const BPF_DW = 0x18;

// Conditions of jumps; all unsigned.
export const BPF_JEQ = 0x10;
export const BPF_JGE = 0x30;
export const BPF_JNE = 0x50;

// Helpers, by their numbers in enum bpf_func_id.
export const BPF_FUNC_map_lookup_elem = 1;
export const BPF_FUNC_ktime_get_ns = 5;
export const BPF_FUNC_skb_store_bytes = 9;
export const BPF_FUNC_redirect = 23;
export const BPF_FUNC_skb_change_head = 43;

const BPF_LD_IMM64 = 0x18;
const BPF_LDX_MEM_CODE = 0x61;
const BPF_ST_MEM_CODE = 0x62;
const BPF_STX_MEM_CODE = 0x63;
const BPF_JMP = 0x05;
const BPF_CALL = 0x85;
const BPF_EXIT = 0x95;
const BPF_ADD64_K = 0x07;
const BPF_MOV64_K = 0xb7;
const BPF_MOV64_X = 0xbf;
/** Source register: a register instead of `imm`. */
const BPF_X = 0x08;
/** Says in `src` that `imm` of a BPF_LD_IMM64 is the descriptor of a map. */
const BPF_PSEUDO_MAP_FD = 1;

const INSTRUCTION_LENGTH = 8;

function instruction(code: number, fields: Partial<BpfInstruction> = {}): BpfInstruction {
  return { code, dst: 0, src: 0, off: 0, imm: 0, ...fields };
}

/** dst = src */
export function BPF_MOV64_REG(dst: number, src: number): BpfInstruction {
  return instruction(BPF_MOV64_X, { dst, src });
}

/** dst = imm, sign-extended */
export function BPF_MOV64_IMM(dst: number, imm: number): BpfInstruction {
  return instruction(BPF_MOV64_K, { dst, imm });
}

/** dst += imm */
export function BPF_ADD64_IMM(dst: number, imm: number): BpfInstruction {
  return instruction(BPF_ADD64_K, { dst, imm });
}

/** dst = *(size *)(src + off) */
export function BPF_LDX_MEM(size: number, dst: number, src: number, off: number): BpfInstruction {
  return instruction(BPF_LDX_MEM_CODE | size, { dst, src, off });
}

/** *(size *)(dst + off) = src */
export function BPF_STX_MEM(size: number, dst: number, src: number, off: number): BpfInstruction {
  return instruction(BPF_STX_MEM_CODE | size, { dst, src, off });
}

/** *(size *)(dst + off) = imm */
export function BPF_ST_MEM(size: number, dst: number, off: number, imm: number): BpfInstruction {
  return instruction(BPF_ST_MEM_CODE | size, { dst, off, imm });
}

/** dst = the map of a descriptor of the process that loads the program */
export function BPF_LD_MAP_FD(dst: number, mapFd: number): BpfInstruction[] {
  return [instruction(BPF_LD_IMM64, { dst, src: BPF_PSEUDO_MAP_FD, imm: mapFd }), instruction(0)];
}

/** if (dst op imm) goto label; imm is sign-extended */
export function BPF_JMP_IMM(op: number, dst: number, imm: number, label: string): BpfInstruction {
  return instruction(BPF_JMP | op, { dst, imm, off: label });
}

/** if (dst op src) goto label */
export function BPF_JMP_REG(op: number, dst: number, src: number, label: string): BpfInstruction {
  return instruction(BPF_JMP | op | BPF_X, { dst, src, off: label });
}

export function BPF_EMIT_CALL(helper: number): BpfInstruction {
  return instruction(BPF_CALL, { imm: helper });
}

export function BPF_EXIT_INSN(): BpfInstruction {
  return instruction(BPF_EXIT);
}

export function label(name: string): BpfLabel {
  return { label: name };
}

/** The instructions as the array of `struct bpf_insn` that bpf(2) loads. Throws Error for a jump nowhere. */
export function assemble(lines: readonly (BpfInstruction | BpfLabel)[]): Uint8Array {
  const labels = new Map<string, number>();
  const instructions: BpfInstruction[] = [];
  for (const line of lines) {
    if ('label' in line) labels.set(line.label, instructions.length);
    else instructions.push(line);
  }
  const view = new DataView(new ArrayBuffer(instructions.length * INSTRUCTION_LENGTH));
  instructions.forEach(({ code, dst, src, off, imm }, index) => {
    const at = index * INSTRUCTION_LENGTH;
    view.setUint8(at, code);
    view.setUint8(at + 1, (src << 4) | dst);
    view.setInt16(at + 2, typeof off === 'number' ? off : distance(labels, off, index), true);
    view.setInt32(at + 4, imm, true);
  });
  return new Uint8Array(view.buffer);
}

/** Jumps count from the instruction behind them. */
function distance(labels: ReadonlyMap<string, number>, name: string, index: number): number {
  const target = labels.get(name);
  if (target === undefined) throw new Error(`no label ${name} in the BPF program`);
  return target - index - 1;
}
