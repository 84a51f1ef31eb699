import * as z from 'zod';
import { Capabilities } from '../capabilities.ts';
import { NetweirError } from '../errors/netweir-error.ts';
import { errorOf, Problem } from '../errors/problem.ts';
import { EventMessage } from '../events.ts';
import { Operation } from '../impairment/operation.ts';
import { ImpairmentReport } from '../impairment/schema.ts';
import { Inventory } from '../inventory.ts';
import { LabEvent } from '../lab/event.ts';
import { LabNamespaces } from '../lab/namespaces.ts';
import { LabState } from '../lab/state.ts';
import { LabSummary } from '../lab/summary.ts';
import { Measurement } from '../measurement.ts';
import { Forgotten, type InterfaceRef, type Netweir, RestoreReport } from '../netweir.ts';
import { Probe } from '../probe.ts';
import { NamedRule } from '../rule.ts';
import type { Target } from '../target.ts';

const Operations = z.array(Operation);
const Rules = z.array(NamedRule);
const LabEvents = z.array(LabEvent);
const Labs = z.array(LabSummary);

const VERSIONS = 'The daemon and this client are of different versions: update both.';

/** How a client reaches the daemon: `fetch` and WebSocket in a browser, a Unix socket in Node. */
export interface Transport {
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Opens `path` as a WebSocket; `onEnd` is called once, when it is over for whatever reason. */
  stream(
    path: string,
    onText: (text: string) => void,
    onEnd: (error?: Error) => void,
  ): Promise<() => void>;
}

/** netweir over its HTTP API. What the daemon answers is checked against the schemas. */
export function createClient(transport: Transport): Netweir {
  const call = async <T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<z.output<T>> => {
    const answer = await transport.request(method, `/api/v1${path}`, body);
    if (answer.status >= 400) throw errorFrom(answer);
    const result = schema.safeParse(answer.body);
    if (result.success) return result.data;
    throw new NetweirError(
      'internal',
      `the daemon's answer to ${method} ${path} is not as agreed: ${result.error.message}`,
      {
        remedy: VERSIONS,
      },
    );
  };
  const send = async (method: string, path: string, body?: unknown): Promise<void> => {
    const answer = await transport.request(method, `/api/v1${path}`, body);
    if (answer.status >= 400) throw errorFrom(answer);
  };
  return {
    inventory: ({ stopped = false } = {}) =>
      call(Inventory, 'GET', stopped ? '/inventory?stopped=true' : '/inventory'),
    capabilities: () => call(Capabilities, 'GET', '/capabilities'),
    impairment: (ref) => call(ImpairmentReport, 'GET', `${pathOf(ref)}/impairment`),
    setImpairment: (ref, impairment) =>
      call(ImpairmentReport, 'PUT', `${pathOf(ref)}/impairment`, impairment),
    previewImpairment: (ref, impairment) =>
      call(Operations, 'POST', `${pathOf(ref)}/impairment/preview`, impairment),
    confirmImpairment: (ref) =>
      call(ImpairmentReport, 'POST', `${pathOf(ref)}/impairment/confirmation`),
    clearImpairment: (ref, { replace = false } = {}) => {
      const query = replace ? '?replace=true' : '';
      return call(ImpairmentReport, 'DELETE', `${pathOf(ref)}/impairment${query}`);
    },
    forget: (target) => call(Forgotten, 'DELETE', `/remembered${queryOf(target)}`),
    setLink: (ref, state) => send('POST', `${pathOf(ref)}/link`, { state }),
    restore: () => call(RestoreReport, 'POST', '/restore'),
    putProbe: (id, request) => call(Probe, 'PUT', `/probes/${encodeURIComponent(id)}`, request),
    deleteProbe: (id) => send('DELETE', `/probes/${encodeURIComponent(id)}`),
    measure: (request) => call(Measurement, 'POST', '/measurements', request),
    rules: () => call(Rules, 'GET', '/rules'),
    putRule: (name, rule) => call(NamedRule, 'PUT', `/rules/${encodeURIComponent(name)}`, rule),
    deleteRule: (name) => send('DELETE', `/rules/${encodeURIComponent(name)}`),
    labs: () => call(Labs, 'GET', '/labs'),
    lab: (name, { counters = false } = {}) =>
      call(LabState, 'GET', `${labPath(name)}${counters ? '?counters=true' : ''}`),
    changeLab: (name, change) => call(LabEvents, 'POST', `${labPath(name)}/changes`, change),
    labNamespaces: (name, node) =>
      call(LabNamespaces, 'GET', `${labPath(name)}/nodes/${encodeURIComponent(node)}/namespaces`),
    putLab: (name, file) => call(LabSummary, 'PUT', labPath(name), file),
    deleteLab: (name) => send('DELETE', labPath(name)),
    watch: (onMessage, onEnd) => watch(transport, onMessage, onEnd),
  };
}

function pathOf(ref: InterfaceRef): string {
  return `/interfaces/${encodeURIComponent(ref.space)}/${encodeURIComponent(ref.interface)}`;
}

function labPath(name: string): string {
  return `/labs/${encodeURIComponent(name)}`;
}

function queryOf(target: Target | undefined): string {
  if (target === undefined) return '';
  const { space, interface: name } = target;
  return `?${new URLSearchParams({ space, ...(name !== undefined && { interface: name }) })}`;
}

function errorFrom({ status, body }: { status: number; body: unknown }): NetweirError {
  const problem = Problem.safeParse(body);
  return problem.success
    ? errorOf(problem.data)
    : new NetweirError(
        'internal',
        `the daemon answered with status ${status} and no problem document`,
      );
}

async function watch(
  transport: Transport,
  onMessage: (message: EventMessage) => void,
  onEnd: (error?: Error) => void,
): Promise<() => void> {
  let expected: number | undefined;
  let ended = false;
  let close: (() => void) | undefined;
  const end = (error?: Error): void => {
    if (ended) return;
    ended = true;
    close?.();
    onEnd(error);
  };
  const receive = (text: string): void => {
    if (ended) return;
    const message = messageOf(text);
    if (message instanceof Error) {
      end(message);
    } else if (expected !== undefined && message.sequence !== expected) {
      end(new NetweirError('internal', `event ${expected} was lost`));
    } else {
      expected = message.sequence + 1;
      onMessage(message);
    }
  };
  close = await transport.stream('/api/v1/events', receive, end);
  if (ended) close();
  return () => {
    ended = true;
    close?.();
  };
}

function messageOf(text: string): EventMessage | NetweirError {
  try {
    return EventMessage.parse(JSON.parse(text));
  } catch (cause) {
    return new NetweirError('internal', 'the daemon sent an event that is not as agreed', {
      cause,
      remedy: VERSIONS,
    });
  }
}
