import { check } from '../errors.ts';
import * as libc from '../libc.ts';

// linux/bpf.h
const BPF_MAP_CREATE = 0;
const BPF_MAP_UPDATE_ELEM = 2;
const BPF_MAP_TYPE_ARRAY = 2;

const CREATE_LENGTH = 28;
const UPDATE_LENGTH = 32;

/**
 * A BPF array map with a single element: a time of CLOCK_MONOTONIC, which is bpf_ktime_get_ns's, in
 * nanoseconds; 0, which is past, until it is set. Programs that use it keep it when it is closed here.
 */
export class DeadlineMap {
  readonly fd: number;
  /** The key, which stays 0, and the value. */
  readonly #element = new BigUint64Array(2);
  readonly #update = new Uint8Array(UPDATE_LENGTH);

  /**
   * A new map, or the one behind a descriptor that another thread owns. Needs CAP_BPF, or
   * CAP_SYS_ADMIN. @throws {KernelError} such as EPERM
   */
  constructor(
    fd: number = check(libc.bpf(BPF_MAP_CREATE, createAttributes()), 'create', 'BPF array map'),
  ) {
    this.fd = fd;
    const address = BigInt(libc.addressOf(new Uint8Array(this.#element.buffer)));
    const view = new DataView(this.#update.buffer);
    view.setUint32(0, this.fd, true);
    view.setBigUint64(8, address, true);
    view.setBigUint64(16, address + 8n, true);
  }

  /** @throws {KernelError} which only a closed map can cause */
  set(deadlineNs: number): void {
    this.#element[1] = BigInt(Math.trunc(deadlineNs));
    check(libc.bpf(BPF_MAP_UPDATE_ELEM, this.#update), 'update', 'BPF array map');
  }

  close(): void {
    libc.close(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** BPF_MAP_CREATE's part of `union bpf_attr`: map_type, key_size, value_size, max_entries, flags… */
function createAttributes(): Uint8Array {
  const attributes = new Uint32Array(CREATE_LENGTH / 4);
  attributes.set([BPF_MAP_TYPE_ARRAY, 4, 8, 1]);
  return new Uint8Array(attributes.buffer);
}
