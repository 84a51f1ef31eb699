import {
  applyChange,
  type EventMessage,
  type ImpairmentReport,
  type Inventory,
  type Netweir,
} from '@netweir/api';

/** Tells when interfaces are gone; disposing of it ends that. */
export interface GoneWatch extends Disposable {
  /** Aborted when none of them is there any more, under whatever name. */
  readonly signal: AbortSignal;
}

export async function watchGone(
  netweir: Netweir,
  wanted: readonly Pick<ImpairmentReport, 'space' | 'ifindex'>[],
): Promise<GoneWatch> {
  const controller = new AbortController();
  let inventory: Inventory | undefined;
  const stop = await netweir.watch(
    (message) => {
      inventory = inventoryAfter(inventory, message);
      if (inventory && !wanted.some((one) => isThere(inventory, one))) controller.abort();
    },
    () => {},
  );
  return { signal: controller.signal, [Symbol.dispose]: stop };
}

function inventoryAfter(
  before: Inventory | undefined,
  message: EventMessage,
): Inventory | undefined {
  if (message.type === 'snapshot') return message.inventory;
  const changes = message.changes.filter(({ type }) => type !== 'counters');
  return before && changes.reduce(applyChange, before);
}

function isThere(
  inventory: Inventory | undefined,
  { space, ifindex }: Pick<ImpairmentReport, 'space' | 'ifindex'>,
): boolean {
  const found = inventory?.spaces.find(({ id }) => id === space);
  return found?.interfaces.some((one) => one.ifindex === ifindex) ?? false;
}
