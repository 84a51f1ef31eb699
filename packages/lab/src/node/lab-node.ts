import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import type { Worker } from 'node:worker_threads';
import type { LinkConditions } from '@netweir/api';
import type { NetworkNamespace, Synchronous } from '@netweir/kernel';
import { Capture, type CaptureOptions } from '../capture/capture.ts';
import { type InterfaceCounters, readCounters } from '../capture/counters.ts';
import { type ClassifyOptions, classifyNat } from '../classify/classify.ts';
import type { NatClass } from '../classify/nat-class.ts';
import { type Fetch, fetchBy } from '../code/fetch.ts';
import { type ProgramResult, resultOf, startProgram } from '../code/programs.ts';
import {
  codeOf,
  type NodeFunction,
  type RunOptions,
  runInWorker,
  startThread,
} from '../code/run.ts';
import {
  connect,
  connectTo,
  type LocalAddress,
  listen,
  type NamedSocketAddress,
  openUdp,
  type SocketAddress,
} from '../code/sockets.ts';
import type { ConditionsInForce } from '../condition/conditions.ts';
import { NodeRemoved } from '../errors.ts';
import { setMtu } from '../interface/mtu.ts';
import { type NodeInterface, readInterfaces } from '../interface/read.ts';
import { type ProbeOptions, probe } from '../reflector/probe.ts';
import { type Reflector, type ReflectorOptions, startReflector } from '../reflector/reflector.ts';
import { noInterface } from '../stack/network-stack.ts';
import type { Member } from './member.ts';

/**
 * A node of a lab: a network namespace of its own. The handle stays a value once the node is removed; its
 * methods then throw NodeRemoved, or reject with it.
 */
export class LabNode {
  readonly name: string;
  readonly #member: Member;
  #fetch: Fetch | undefined;

  /** Nodes are made by a Lab. */
  constructor(member: Member) {
    this.name = member.name;
    this.#member = member;
  }

  /** Whether the node is in its lab no more. */
  get removed(): boolean {
    return this.#member.removed;
  }

  /** Its network namespace; it stays the lab's own. */
  get namespace(): NetworkNamespace {
    return this.#alive().stack.namespace;
  }

  /**
   * The mount namespace of its programs, as a path that this process can open; undefined where this
   * process may mount nothing.
   */
  get mounts(): string | undefined {
    const member = this.#alive();
    return member.naming.files.mountsOf(member)?.path;
  }

  /**
   * Calls a function in a Worker inside the node and gives its result. The function travels by its
   * source: it sees its arguments, which are cloned as its result is, and what it imports itself,
   * such as `await import('node:net')`. A URL names a module whose default export is called. Names are
   * looked up in the lab; promises of node:fs use threads of the whole process, which are outside.
   *
   * @throws what the function throws, cloned; {NodeRemoved}; {LabError} ERR_LAB_CODE_ENDED where the
   * code ends without a result
   */
  async run<const Args extends readonly unknown[], Result>(
    code: NodeFunction<Args, Result>,
    ...args: Args
  ): Promise<Awaited<Result>>;
  async run(code: URL, ...args: readonly unknown[]): Promise<unknown>;
  async run(
    code: NodeFunction<never, unknown> | URL,
    ...args: readonly unknown[]
  ): Promise<unknown> {
    return await this.#run({}, code, args);
  }

  /** As `run`, and ends the Worker, whatever it does, when the signal says so: rejects with its reason. */
  async runUntil<const Args extends readonly unknown[], Result>(
    signal: AbortSignal,
    code: NodeFunction<Args, Result>,
    ...args: Args
  ): Promise<Awaited<Result>>;
  async runUntil(signal: AbortSignal, code: URL, ...args: readonly unknown[]): Promise<unknown>;
  async runUntil(
    signal: AbortSignal,
    code: NodeFunction<never, unknown> | URL,
    ...args: readonly unknown[]
  ): Promise<unknown> {
    return await this.#run({ signal }, code, args);
  }

  /**
   * Calls a function inside the node at once, on this thread: for short things, such as reading
   * below /proc/sys/net. It may use whatever is around it, but must not return a promise.
   */
  runSync<T>(action: () => Synchronous<T>): T {
    return this.#alive().stack.namespace.run(action);
  }

  /**
   * Starts code in a Worker inside that lives on: until the code ends by itself, `terminate` is called, or
   * the node is removed. For long work, also such as never yields. A function travels as with `run`; of
   * a module the default export is called, if that is a function. As with any Worker, messages are
   * exchanged by `postMessage` and `parentPort`, and an error that the code throws is an event `error`.
   */
  thread<const Args extends readonly unknown[]>(
    code: NodeFunction<Args, unknown>,
    ...args: Args
  ): Worker;
  thread(code: URL, ...args: readonly unknown[]): Worker;
  thread(code: NodeFunction<never, unknown> | URL, ...args: readonly unknown[]): Worker {
    return startThread(this.#alive().inside(), { code: codeOf(code), args });
  }

  /**
   * Starts a program inside, as `child_process.spawn` does. It and all that it starts are killed when
   * the node is removed, its lab is closed, or this process ends in whatever way. They have a pid
   * namespace of their own: they see other process ids than `pid` and /proc say. They have /etc/hosts,
   * /etc/resolv.conf and /etc/nsswitch.conf of their own too, which lead to the names of the lab; for
   * that this thread gets a file system context of its own with the first program or Worker: from then
   * on `process.chdir` does not change where the promises of node:fs start from.
   */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    const member = this.#alive();
    return startProgram(member.inside(), { command, args, options }, (kind, value) =>
      member.tell(kind, undefined, value),
    );
  }

  /** Runs a program inside to its end: as `spawn`, and gives what it prints. */
  async exec(
    command: string,
    args: readonly string[] = [],
    options: SpawnOptions = {},
  ): Promise<ProgramResult> {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    return await resultOf(this.spawn(command, args, { stdio: [...stdio], ...options }));
  }

  /** The addresses of a name as this node knows it; none where there is no such name. */
  resolve(name: string): readonly string[] {
    return addressesOf(name, this.#alive());
  }

  /**
   * Connects by TCP from inside, by an address or a name of the lab; the socket is on this thread's event
   * loop. The addresses of a name are tried one after the other.
   * @throws {LabError} ERR_LAB_UNKNOWN_NAME
   */
  async connect(to: SocketAddress | NamedSocketAddress): Promise<Socket> {
    const member = this.#alive();
    const { stack, activities } = member;
    const resolve = (name: string): readonly string[] => addressesOf(name, member);
    return await connectTo({ to, resolve }, (address) =>
      connect(stack.namespace, activities, { address, port: to.port }),
    );
  }

  /** `fetch` from inside, by names of the lab or addresses, on this thread's event loop. */
  get fetch(): Fetch {
    const member = this.#alive();
    if (!this.#fetch) {
      const { fetch, close } = fetchBy((to) => this.connect(to));
      member.activities.add(() => close(member.activities.reason()));
      this.#fetch = fetch;
    }
    return this.#fetch;
  }

  /**
   * Listens for TCP inside, on this thread's event loop; rejects as `run` does.
   * @throws {KernelError} EADDRINUSE, EADDRNOTAVAIL
   */
  async listen(at: LocalAddress = {}): Promise<Server> {
    const { stack, activities } = this.#alive();
    return await listen(stack.namespace, activities, at);
  }

  /**
   * Opens a bound UDP socket inside, on this thread's event loop. It sends to addresses, by default of both
   * families (what comes by IPv4 is then from `::ffff:a.b.c.d`), and to names of the lab.
   * @throws {KernelError} EADDRINUSE, EADDRNOTAVAIL
   */
  async udp(at: LocalAddress = {}): Promise<UdpSocket> {
    const member = this.#alive();
    const { stack, activities } = member;
    return await openUdp(stack.namespace, activities, at, (name) =>
      addressesOf(name, member).filter((address) => member.speaks(address)),
    );
  }

  /**
   * Answers at a port what tells a client how it is seen: STUN Binding requests (RFC 8489), any other
   * datagram with `OBSERVED IP:PORT`, and TCP connections with a line of the same, after which it echoes.
   * Ends with the node.
   * @throws {KernelError} EADDRINUSE, EADDRNOTAVAIL
   */
  async reflector(options: ReflectorOptions = {}): Promise<Reflector> {
    const { stack, activities } = this.#alive();
    return await startReflector(stack, activities, options);
  }

  /**
   * Writes every packet that passes an interface, both ways, to a pcapng file or stream (which is ended
   * with the capture). What one interface sends as one large packet for its card to segment (GSO) is
   * captured as one. Ends with the node; goes on where the interface is down in between, or plugged in
   * elsewhere.
   * @throws {LabError} ERR_LAB_NO_INTERFACE
   * @throws what opening the file fails with
   */
  capture(interfaceName: string, options: CaptureOptions): Capture {
    const member = this.#alive();
    const link = member.stack.links().find(({ name }) => name === interfaceName);
    if (!link) throw noInterface(this.name, interfaceName);
    return new Capture(member, link, options);
  }

  /**
   * How this node is seen by a STUN server such as a reflector: asks it from inside. `localPort` is
   * the port to ask from; one that is free by default.
   * @throws {LabError} ERR_LAB_NO_ANSWER
   * @throws {KernelError} EADDRINUSE
   */
  async probe(server: SocketAddress, options: ProbeOptions = {}): Promise<SocketAddress> {
    const { stack, activities } = this.#alive();
    return await this.#whileAlive(probe(stack.namespace, activities, server, options));
  }

  /**
   * Finds out, from inside, what translation and what filters are between this node and the exchange
   * (RFC 4787, RFC 5780); in some 100 ms where links are quick, else within a dozen round trips. Two
   * addresses of the exchange's network are in use meanwhile.
   * @throws {LabError} ERR_LAB_NO_ANSWER, ERR_LAB_NO_INTERFACE
   */
  async classifyNat(options: ClassifyOptions = {}): Promise<NatClass> {
    return await this.#whileAlive(classifyNat(this.#alive(), options));
  }

  /** What has passed each interface since it was made, as the kernel counts. */
  counters(): Readonly<Record<string, InterfaceCounters>> {
    return readCounters(this.#alive().stack);
  }

  /** The interfaces that the lab made, as the kernel has them now. */
  get interfaces(): NodeInterface[] {
    return readInterfaces(this.#alive().stack);
  }

  /** Takes an interface down. @throws {LabError} ERR_LAB_NO_INTERFACE */
  linkDown(name: string): void {
    this.#alive().linkDown(name);
  }

  /** Takes an interface up, with all its addresses and the routes through it. */
  linkUp(name: string): void {
    this.#alive().linkUp(name);
  }

  /**
   * Sets the MTU of both ends of an interface's link, in bytes: at least 1280, or 68 in a network without
   * IPv6.
   * @throws {LabError} ERR_LAB_NO_INTERFACE, ERR_LAB_MTU
   */
  setMtu(name: string, mtu: number): void {
    setMtu(this.#alive(), name, mtu);
  }

  /**
   * Has the link of an interface do this to its packets and nothing else, from now on: by a condition's
   * name or in detail, the same both ways, or each way as seen from the interface. `null` takes all off.
   * Of a router's own network (`lan`, `ix`) they are of what the router itself sends there and receives.
   * Where it cannot be had, all stays as it was.
   * @throws {LabError} ERR_LAB_NO_INTERFACE
   * @throws NetweirError such as `kernel-lacks-netem`, `kernel-lacks-feature`, `invalid-combination`
   */
  setConditions(interfaceName: string, conditions: LinkConditions | null): void {
    this.#alive().setConditions(interfaceName, conditions);
  }

  /** What the link of an interface does now, read back. @throws {LabError} ERR_LAB_NO_INTERFACE */
  conditions(interfaceName: string): ConditionsInForce {
    return this.#alive().conditions(interfaceName);
  }

  /** No answer comes to a node that ends meanwhile. */
  async #whileAlive<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      this.#alive();
      throw error;
    }
  }

  async #run(
    options: RunOptions,
    code: NodeFunction<never, unknown> | URL,
    args: readonly unknown[],
  ): Promise<unknown> {
    return await runInWorker(this.#alive().inside(), { code: codeOf(code), args }, options);
  }

  #alive(): Member {
    if (this.#member.removed) throw new NodeRemoved(this.name);
    return this.#member;
  }
}

function addressesOf(name: string, member: Member): readonly string[] {
  return member.naming.names.find(name, member)?.addresses ?? [];
}
