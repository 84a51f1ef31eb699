import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  assemble,
  BPF_ADD64_IMM,
  BPF_DW,
  BPF_EMIT_CALL,
  BPF_EXIT_INSN,
  BPF_JEQ,
  BPF_JGE,
  BPF_JMP_IMM,
  BPF_JMP_REG,
  BPF_LD_MAP_FD,
  BPF_LDX_MEM,
  BPF_MOV64_IMM,
  BPF_MOV64_REG,
  BPF_ST_MEM,
  BPF_STX_MEM,
  BPF_W,
  type BpfInstruction,
  label,
} from './instruction.ts';

function hex(...lines: BpfInstruction[]): string {
  return Buffer.from(assemble(lines)).toString('hex');
}

describe('BPF instructions', () => {
  // Code, registers (source in the upper half), offset and immediate.
  test('are encoded as struct bpf_insn', () => {
    assert.equal(hex(BPF_MOV64_REG(6, 1)), 'bf16000000000000');
    assert.equal(hex(BPF_MOV64_IMM(0, -1)), 'b7000000ffffffff');
    assert.equal(hex(BPF_ADD64_IMM(2, -4)), '07020000fcffffff');
    assert.equal(hex(BPF_LDX_MEM(BPF_DW, 7, 0, 0)), '7907000000000000');
    assert.equal(hex(BPF_LDX_MEM(BPF_W, 0, 6, 8)), '6160080000000000');
    assert.equal(hex(BPF_STX_MEM(BPF_W, 6, 0, 8)), '6306080000000000');
    assert.equal(hex(BPF_ST_MEM(BPF_W, 10, -4, 0)), '620afcff00000000');
    assert.equal(hex(...BPF_LD_MAP_FD(1, 5)), '18110000050000000000000000000000');
    assert.equal(hex(BPF_EMIT_CALL(23)), '8500000017000000');
    assert.equal(hex(BPF_EXIT_INSN()), '9500000000000000');
  });

  test('jump forwards and backwards to labels, which take no room', () => {
    const program = assemble([
      label('start'),
      BPF_JMP_IMM(BPF_JEQ, 0, 7, 'end'),
      BPF_JMP_REG(BPF_JGE, 0, 7, 'start'),
      label('end'),
      BPF_EXIT_INSN(),
    ]);
    assert.equal(
      Buffer.from(program).toString('hex'),
      '1500010007000000' + '3d70feff00000000' + '9500000000000000',
    );
  });

  test('do not jump nowhere', () => {
    assert.throws(() => assemble([BPF_JMP_IMM(BPF_JEQ, 0, 0, 'gone')]), /no label gone/);
  });
});
