import { requireInteger, S32_MAX } from '../tc/range.ts';
import {
  assemble,
  BPF_ADD64_IMM,
  BPF_DW,
  BPF_EMIT_CALL,
  BPF_EXIT_INSN,
  BPF_FUNC_ktime_get_ns,
  BPF_FUNC_map_lookup_elem,
  BPF_FUNC_redirect,
  BPF_FUNC_skb_change_head,
  BPF_FUNC_skb_store_bytes,
  BPF_JEQ,
  BPF_JGE,
  BPF_JMP_IMM,
  BPF_JMP_REG,
  BPF_JNE,
  BPF_LD_MAP_FD,
  BPF_LDX_MEM,
  BPF_MOV64_IMM,
  BPF_MOV64_REG,
  BPF_REG_0,
  BPF_REG_1,
  BPF_REG_2,
  BPF_REG_3,
  BPF_REG_4,
  BPF_REG_5,
  BPF_REG_6,
  BPF_REG_7,
  BPF_REG_10,
  BPF_ST_MEM,
  BPF_STX_MEM,
  BPF_W,
  type BpfInstruction,
  type BpfLabel,
  label,
} from './instruction.ts';

/** Verdict of a direct-action program: ask the filters behind this one (linux/pkt_cls.h). */
const TC_ACT_UNSPEC = -1;
/** Flag of bpf_redirect: as if received on the interface, not to be sent by it (linux/bpf.h). */
const BPF_F_INGRESS = 1;
/** Offset of `mark` in `struct __sk_buff`. */
const SKB_MARK = 8;
/** And of `vlan_present`: whether the frame's outermost VLAN tag is not in the frame itself. */
const SKB_VLAN_PRESENT = 20;

/** Where packets go, and until when. */
export interface RedirectWhileAlive {
  /** The map of a DeadlineMap. */
  readonly mapFd: number;
  /** The interface that sends the packets instead. */
  readonly tapIfindex: number;
  /** Of packets that come back from there. */
  readonly mark: number;
}

/** Length of what `redirectWhileAlive` puts before a frame. */
export const STAMP_LENGTH = 8;

/**
 * A direct-action program that hands packets to another interface until the deadline in a map has
 * passed, and afterwards leaves them alone: once nobody moves the deadline on, traffic flows as if
 * there were no program. Packets with the mark lose it and go on: they have been redirected before.
 *
 * Each frame arrives behind the time when the program saw it: `monotonicNs` as an integer of 64 bits in
 * the machine's byte order. It arrives as it is where that finds no room (bpf_skb_change_head; before
 * Linux 5.12 in every frame that is as long as the MTU allows), and where it has a VLAN tag beside it,
 * which a TAP puts 12 bytes behind the start (tun_put_user), whatever is there.
 *
 * Throws RangeError where `mark` is not from 1 to 2^31 - 1.
 */
export function redirectWhileAlive(options: RedirectWhileAlive): Uint8Array {
  return assemble([
    // The context, in a register that calls leave alone.
    BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
    BPF_LDX_MEM(BPF_W, BPF_REG_0, BPF_REG_6, SKB_MARK),
    BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, checkMark(options.mark), 'unmark'),
    ...passUnlessAlive(options.mapFd),
    ...stamp(),
    ...redirect(options.tapIfindex, 0),
    label('unmark'),
    BPF_MOV64_IMM(BPF_REG_0, 0),
    BPF_STX_MEM(BPF_W, BPF_REG_6, BPF_REG_0, SKB_MARK),
    label('pass'),
    BPF_MOV64_IMM(BPF_REG_0, TC_ACT_UNSPEC),
    BPF_EXIT_INSN(),
  ]);
}

/**
 * A direct-action program that marks all packets and has them received on `ifindex`, in the same
 * namespace. Throws RangeError where `mark` is not from 1 to 2^31 - 1.
 */
export function markAndRedirectIngress(options: {
  readonly ifindex: number;
  readonly mark: number;
}): Uint8Array {
  return assemble([
    BPF_MOV64_IMM(BPF_REG_0, checkMark(options.mark)),
    BPF_STX_MEM(BPF_W, BPF_REG_1, BPF_REG_0, SKB_MARK),
    ...redirect(options.ifindex, BPF_F_INGRESS),
  ]);
}

/** Leaves the time in BPF_REG_0, if the deadline lies ahead. */
function passUnlessAlive(mapFd: number): Line[] {
  return [
    BPF_ST_MEM(BPF_W, BPF_REG_10, -4, 0),
    BPF_MOV64_REG(BPF_REG_2, BPF_REG_10),
    BPF_ADD64_IMM(BPF_REG_2, -4),
    ...BPF_LD_MAP_FD(BPF_REG_1, mapFd),
    BPF_EMIT_CALL(BPF_FUNC_map_lookup_elem),
    BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 'pass'),
    BPF_LDX_MEM(BPF_DW, BPF_REG_7, BPF_REG_0, 0),
    BPF_EMIT_CALL(BPF_FUNC_ktime_get_ns),
    BPF_JMP_REG(BPF_JGE, BPF_REG_0, BPF_REG_7, 'pass'),
  ];
}

/** Puts the time in BPF_REG_0 before the frame of the context in BPF_REG_6. */
function stamp(): Line[] {
  return [
    BPF_LDX_MEM(BPF_W, BPF_REG_1, BPF_REG_6, SKB_VLAN_PRESENT),
    BPF_JMP_IMM(BPF_JNE, BPF_REG_1, 0, 'unstamped'),
    BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_0, -16),
    BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
    BPF_MOV64_IMM(BPF_REG_2, STAMP_LENGTH),
    BPF_MOV64_IMM(BPF_REG_3, 0),
    BPF_EMIT_CALL(BPF_FUNC_skb_change_head),
    BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, 'unstamped'),
    BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
    BPF_MOV64_IMM(BPF_REG_2, 0),
    BPF_MOV64_REG(BPF_REG_3, BPF_REG_10),
    BPF_ADD64_IMM(BPF_REG_3, -16),
    BPF_MOV64_IMM(BPF_REG_4, STAMP_LENGTH),
    BPF_MOV64_IMM(BPF_REG_5, 0),
    BPF_EMIT_CALL(BPF_FUNC_skb_store_bytes),
    label('unstamped'),
  ];
}

type Line = BpfInstruction | BpfLabel;

function redirect(ifindex: number, flags: number): BpfInstruction[] {
  return [
    BPF_MOV64_IMM(BPF_REG_1, requireInteger('ifindex', ifindex, 1, S32_MAX)),
    BPF_MOV64_IMM(BPF_REG_2, flags),
    BPF_EMIT_CALL(BPF_FUNC_redirect),
    BPF_EXIT_INSN(),
  ];
}

/** Comparisons sign-extend their constant, so that a mark with the highest bit would never match. */
function checkMark(mark: number): number {
  return requireInteger('mark', mark, 1, S32_MAX);
}
