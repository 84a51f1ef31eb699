import { Writer } from '@netweir/kernel';

// linux/pkt_sched.h
const TCA_STAB_BASE = 1;
const TCA_STAB_DATA = 2;
const TC_LINKLAYER_ATM = 2;

/** Where `struct tc_sizespec` has what a table is computed from. */
const AT = { cellLog: 0, sizeLog: 1, linklayer: 8, mpu: 12, tsize: 20 } as const;
const ATM_CELL_PAYLOAD = 48;
const ATM_CELL = 53;

/**
 * The TCA_STAB payload of a qdisc that is dumped with `spec` (`struct tc_sizespec`). The kernel keeps the table
 * to itself; `tc` computes it from nothing but the spec, and so does this.
 */
export function sizeTableOf(spec: Uint8Array): Uint8Array {
  const view = new DataView(spec.buffer, spec.byteOffset, spec.byteLength);
  const writer = new Writer().attributeBytes(TCA_STAB_BASE, spec);
  const [cellLog, sizeLog] = [view.getUint8(AT.cellLog), view.getUint8(AT.sizeLog)];
  const tsize = view.getUint32(AT.tsize, true);
  if (tsize === 0) return writer.finish();
  const mpu = view.getUint32(AT.mpu, true);
  const isAtm = view.getUint32(AT.linklayer, true) === TC_LINKLAYER_ATM;
  return writer
    .attribute(TCA_STAB_DATA, (data) => {
      for (let cell = 1; cell <= tsize; cell++) {
        const bytes = Math.max(cell * 2 ** cellLog, mpu);
        const onWire = isAtm ? Math.ceil(bytes / ATM_CELL_PAYLOAD) * ATM_CELL : bytes;
        data.u16(Math.min(Math.floor(onWire / 2 ** sizeLog), 0xffff));
      }
    })
    .finish();
}
