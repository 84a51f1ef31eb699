import {
  type EventMessage,
  type Impairment,
  type ImpairmentReport,
  type InterfaceRef,
  type Netweir,
  NetweirError,
} from '@netweir/api';
import { CAPABILITIES, INVENTORY, MEASUREMENT, untouchedReport } from './fixtures.ts';

/** A netweir that touches nothing and remembers what it was asked. */
export interface FakeNetweir extends Netweir {
  readonly calls: readonly (readonly unknown[])[];
  send(message: EventMessage): void;
  endEvents(error?: Error): void;
  /** Remembered among the calls, so that none may follow it. */
  close(): void;
}

/** `overrides` answers instead of the fake, such as with an error. */
export function fakeNetweir(overrides: Partial<Netweir> = {}): FakeNetweir {
  const calls: unknown[][] = [];
  let onMessage: (message: EventMessage) => void = () => undefined;
  let onEnd: (error?: Error) => void = () => undefined;
  const noProbes = (): Promise<never> => Promise.reject(new NetweirError('no-such-probe', 'none'));
  const noLab = (): Promise<never> => Promise.reject(new NetweirError('no-such-lab', 'none'));
  const plain: Netweir = {
    inventory: () => Promise.resolve(INVENTORY),
    capabilities: () => Promise.resolve(CAPABILITIES),
    impairment: (ref) => Promise.resolve(untouchedReport(ref)),
    setImpairment: (ref, impairment) => Promise.resolve(impairedReport(ref, impairment)),
    previewImpairment: (ref) =>
      Promise.resolve([{ operation: `replace netem qdisc on ${ref.interface}`, command: 'tc' }]),
    confirmImpairment: (ref) => Promise.resolve(untouchedReport(ref)),
    clearImpairment: (ref) => Promise.resolve(untouchedReport(ref)),
    forget: () => Promise.resolve([]),
    setLink: () => Promise.resolve(),
    restore: () => Promise.resolve({ restored: [], skipped: [], failed: [] }),
    putProbe: noProbes,
    deleteProbe: noProbes,
    measure: () => Promise.resolve(MEASUREMENT),
    rules: () => Promise.resolve([]),
    putRule: (name, rule) => Promise.resolve({ name, rule, source: 'api' }),
    deleteRule: () => Promise.resolve(),
    labs: () => Promise.resolve([]),
    lab: noLab,
    labNamespaces: noLab,
    changeLab: noLab,
    putLab: noLab,
    deleteLab: noLab,
    watch: (message, end) => {
      onMessage = message;
      onEnd = end;
      message({ type: 'snapshot', sequence: 0, inventory: INVENTORY });
      return Promise.resolve(() => calls.push(['unwatch']));
    },
  };
  const answers: Netweir = { ...plain, ...overrides };
  const recorded = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      (...args: unknown[]) => {
        calls.push([name, ...args]);
        return (answer as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Netweir;
  return {
    ...recorded,
    calls,
    send: (message) => onMessage(message),
    endEvents: (error) => onEnd(error),
    close: () => void calls.push(['close']),
  };
}

/** Done by the kernel on egress where nothing else is asked, and on ingress by the engine. */
export function impairedReport(
  ref: InterfaceRef,
  { egress, ingress, engine }: Impairment,
): ImpairmentReport {
  return {
    ...untouchedReport(ref),
    egress: egress ?? null,
    ingress: ingress ?? null,
    egressMechanism: egress ? (engine === 'userspace' ? 'userspace' : 'netem') : null,
    ingressMechanism: ingress ? 'userspace' : null,
    owner: 'command',
  };
}
