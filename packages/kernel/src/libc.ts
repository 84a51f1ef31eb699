import koffi from 'koffi';

/**
 * System calls through the C library that this process runs with, glibc or musl alike. Each
 * function is synchronous, acts on the calling thread, and returns what the call returns or, where
 * it failed, the negated error number. Pointers are byte arrays.
 */
const library = koffi.load(null);

type Bytes = Uint8Array;

// Pointers are all `void *`: koffi then passes an array's address without converting anything.
const native = {
  socket: library.func('int socket(int, int, int)') as (d: number, t: number, p: number) => number,
  bind: library.func('int bind(int, void *, uint32)') as FdBytes,
  connect: library.func('int connect(int, void *, uint32)') as FdBytes,
  setsockopt: library.func('int setsockopt(int, int, int, void *, uint32)') as FdOption,
  getsockopt: library.func('int getsockopt(int, int, int, void *, void *)') as FdOptionOut,
  send: library.func('long send(int, void *, size_t, int)') as FdBytesFlags,
  recv: library.func('long recv(int, void *, size_t, int)') as FdBytesFlags,
  sendAt: library.func('long send(int, uintptr_t, size_t, int)') as FdAddress,
  recvmsgAt: library.func('long recvmsg(int, uintptr_t, int)') as FdAddressLength,
  recvAt: library.func('long recv(int, uintptr_t, size_t, int)') as FdAddress,
  read: library.func('long read(int, void *, size_t)') as FdBytes,
  readAt: library.func('long read(int, uintptr_t, size_t)') as FdAddressLength,
  writeAt: library.func('long write(int, uintptr_t, size_t)') as FdAddressLength,
  write: library.func('long write(int, void *, size_t)') as FdBytes,
  close: library.func('int close(int)') as (fd: number) => number,
  poll: library.func('int poll(void *, ulong, int)') as (p: Bytes, n: number, t: number) => number,
  epollCreate: library.func('int epoll_create1(int)') as (flags: number) => number,
  epollCtl: library.func('int epoll_ctl(int, int, int, void *)') as FdEpollCtl,
  epollWaitAt: library.func('int epoll_wait(int, uintptr_t, int, int)') as FdAddress,
  eventfd: library.func('int eventfd(uint, int)') as (initial: number, flags: number) => number,
  timerfdCreate: library.func('int timerfd_create(int, int)') as TwoInts,
  timerfdSettimeAt: library.func('int timerfd_settime(int, int, uintptr_t, void *)') as FdTimer,
  clockGettimeAt: library.func('int clock_gettime(int, uintptr_t)') as TwoInts,
  ioctl: library.func('int ioctl(int, ulong, void *)') as FdIoctl,
  ioctlInt: library.func('int ioctl(int, ulong, ulong)') as FdIoctlInt,
  // Variadic in C; its integers travel in the same registers where the arguments are fixed.
  bpfSyscall: library.func('long syscall(long, int, void *, uint)') as BpfSyscall,
  flock: library.func('int flock(int, int)') as (fd: number, operation: number) => number,
  setns: library.func('int setns(int, int)') as (fd: number, type: number) => number,
  unshare: library.func('int unshare(int)') as (flags: number) => number,
  mount: library.func('int mount(str, str, str, ulong, void *)') as Mount,
  umount2: library.func('int umount2(str, int)') as (target: string, flags: number) => number,
  waitpid: library.func('int waitpid(int, void *, int)') as FdBytes3,
  chdir: library.func('int chdir(str)') as (path: string) => number,
  // Variadic in C, as above.
  fcntl: library.func('int fcntl(int, int, int)') as ThreeInts,
  pipe2: library.func('int pipe2(void *, int)') as (fds: Bytes, flags: number) => number,
  sigmask: library.func('int pthread_sigmask(int, void *, void *)') as SignalMask,
  dlsym: library.func('uintptr_t dlsym(uintptr_t, str)') as (handle: number, n: string) => number,
  clone: library.func('int clone(uintptr_t, uintptr_t, int, uintptr_t)') as Clone,
  abort: library.func('void abort()') as () => void,
  strerror: library.func('str strerror(int)') as (errno: number) => string,
};

type FdBytes = (fd: number, bytes: Bytes, length: number) => number;
type FdBytesFlags = (fd: number, bytes: Bytes, length: number, flags: number) => number;
type FdAddress = (fd: number, address: number, length: number, flags: number) => number;
type FdAddressLength = (fd: number, address: number, length: number) => number;
type TwoInts = (first: number, second: number) => number;
type ThreeInts = (first: number, second: number, third: number) => number;
type FdTimer = (fd: number, flags: number, address: number, old: null) => number;
type FdBytes3 = (pid: number, status: Bytes, options: number) => number;
type SignalMask = (how: number, set: Bytes, old: Bytes | null) => number;
type Clone = (call: number, stack: number, flags: number, argument: number) => number;
type FdIoctlInt = (fd: number, request: number, argument: number) => number;
type BpfSyscall = (number: number, command: number, attributes: Bytes, length: number) => number;
type FdOption = (fd: number, level: number, name: number, value: Bytes, length: number) => number;
type FdOptionOut = (fd: number, level: number, name: number, value: Bytes, length: Bytes) => number;
type FdEpollCtl = (epoll: number, operation: number, fd: number, event: Bytes | null) => number;
type FdIoctl = (fd: number, request: number, argument: Bytes | null) => number;
type Mount = (
  source: string,
  target: string,
  type: string | null,
  flags: number,
  data: null,
) => number;

/** The number of bpf(2), which the C libraries do not wrap; 280 is that of asm-generic/unistd.h. */
const SYS_BPF_NUMBERS: Readonly<Record<string, number>> = {
  x64: 321,
  ia32: 357,
  arm: 386,
  ppc64: 361,
  s390x: 351,
};
const SYS_BPF = SYS_BPF_NUMBERS[process.arch] ?? 280;

function orErrno(result: number): number {
  return result < 0 ? -koffi.errno() : result;
}

export function socket(domain: number, type: number, protocol: number): number {
  return orErrno(native.socket(domain, type, protocol));
}

/** `address` is a whole `struct sockaddr_*`. */
export function bind(fd: number, address: Bytes): number {
  return orErrno(native.bind(fd, address, address.length));
}

export function connect(fd: number, address: Bytes): number {
  return orErrno(native.connect(fd, address, address.length));
}

export function setsockopt(fd: number, level: number, name: number, value: Bytes): number {
  return orErrno(native.setsockopt(fd, level, name, value, value.length));
}

/** An option whose value is an `int`. */
export function setsockoptInt(fd: number, level: number, name: number, value: number): number {
  return setsockopt(fd, level, name, new Uint8Array(Int32Array.of(value).buffer));
}

/** Fills `value`; returns the length that the kernel wrote. */
export function getsockopt(fd: number, level: number, name: number, value: Bytes): number {
  const length = Uint32Array.of(value.length);
  const result = orErrno(native.getsockopt(fd, level, name, value, new Uint8Array(length.buffer)));
  return result < 0 ? result : (length[0] ?? 0);
}

export function send(fd: number, bytes: Bytes, length: number, flags: number): number {
  return orErrno(native.send(fd, bytes, length, flags));
}

/** With MSG_TRUNC in `flags` the result is the datagram's length, also where it did not fit. */
export function recv(fd: number, bytes: Bytes, flags: number): number {
  return orErrno(native.recv(fd, bytes, bytes.length, flags));
}

/**
 * Where the memory of `bytes` is, for `sendAt` and `recvAt`: a number is passed faster than an array.
 * Valid for as long as its buffer is not transferred and the array is held by something that still
 * uses it: a variable that nothing reads again does not keep it, and its memory goes to others.
 */
export function addressOf(bytes: Bytes): number {
  return Number(koffi.address(bytes));
}

/** `send` from an address that `addressOf` gave. */
export function sendAt(fd: number, address: number, length: number, flags: number): number {
  return orErrno(native.sendAt(fd, address, length, flags));
}

/** `recv` to an address that `addressOf` gave. */
export function recvAt(fd: number, address: number, length: number, flags: number): number {
  return orErrno(native.recvAt(fd, address, length, flags));
}

/** `address` is that of a `struct msghdr`, as `addressOf` gives it. */
export function recvmsgAt(fd: number, address: number, flags: number): number {
  return orErrno(native.recvmsgAt(fd, address, flags));
}

export function read(fd: number, bytes: Bytes): number {
  return orErrno(native.read(fd, bytes, bytes.length));
}

export function write(fd: number, bytes: Bytes): number {
  return orErrno(native.write(fd, bytes, bytes.length));
}

/** `read` to an address that `addressOf` gave. */
export function readAt(fd: number, address: number, length: number): number {
  return orErrno(native.readAt(fd, address, length));
}

/** `write` from an address that `addressOf` gave. */
export function writeAt(fd: number, address: number, length: number): number {
  return orErrno(native.writeAt(fd, address, length));
}

export function close(fd: number): number {
  return orErrno(native.close(fd));
}

/** `descriptors` is an array of `struct pollfd`, 8 bytes each; a negative timeout waits for ever. */
export function poll(descriptors: Bytes, timeoutMs: number): number {
  return orErrno(native.poll(descriptors, descriptors.length / 8, timeoutMs));
}

export function epoll_create1(flags: number): number {
  return orErrno(native.epollCreate(flags));
}

/** `event` is one `struct epoll_event`, whose layout depends on the architecture. */
export function epoll_ctl(
  epoll: number,
  operation: number,
  fd: number,
  event: Bytes | null,
): number {
  return orErrno(native.epollCtl(epoll, operation, fd, event));
}

/**
 * Fills the `maxEvents` structures at an address that `addressOf` gave; a negative timeout waits for
 * ever.
 */
export function epoll_waitAt(
  epoll: number,
  address: number,
  maxEvents: number,
  timeoutMs: number,
): number {
  return orErrno(native.epollWaitAt(epoll, address, maxEvents, timeoutMs));
}

export function eventfd(initial: number, flags: number): number {
  return orErrno(native.eventfd(initial, flags));
}

export function timerfd_create(clock: number, flags: number): number {
  return orErrno(native.timerfdCreate(clock, flags));
}

/** `address` is that of a `struct itimerspec`, as `addressOf` gives it. */
export function timerfd_settimeAt(fd: number, flags: number, address: number): number {
  return orErrno(native.timerfdSettimeAt(fd, flags, address, null));
}

/** `address` is that of a `struct timespec` to fill, as `addressOf` gives it. */
export function clock_gettimeAt(clock: number, address: number): number {
  return orErrno(native.clockGettimeAt(clock, address));
}

export function ioctl(fd: number, request: number, argument: Bytes | null): number {
  return orErrno(native.ioctl(fd, request, argument));
}

/** An `ioctl` whose argument is a number and no pointer. */
export function ioctlInt(fd: number, request: number, argument: number): number {
  return orErrno(native.ioctlInt(fd, request, argument));
}

/** `attributes` is the part of `union bpf_attr` that `command` uses. */
export function bpf(command: number, attributes: Bytes): number {
  return orErrno(native.bpfSyscall(SYS_BPF, command, attributes, attributes.length));
}

export function flock(fd: number, operation: number): number {
  return orErrno(native.flock(fd, operation));
}

/** Moves the calling thread, and no other, into the namespace of `fd`. */
export function setns(fd: number, type: number): number {
  return orErrno(native.setns(fd, type));
}

/** Moves the calling thread, and no other, into new namespaces. */
export function unshare(flags: number): number {
  return orErrno(native.unshare(flags));
}

export function mount(source: string, target: string, type: string | null, flags: number): number {
  return orErrno(native.mount(source, target, type, flags, null));
}

export function umount2(target: string, flags: number): number {
  return orErrno(native.umount2(target, flags));
}

/** Of the calling thread, and of those that share its file system attributes. */
export function chdir(path: string): number {
  return orErrno(native.chdir(path));
}

/** The child's number and wait status; number 0 where WNOHANG is in `options` and it runs. */
export function waitpid(pid: number, options: number): { pid: number; status: number } {
  const status = Buffer.alloc(4096);
  const result = orErrno(native.waitpid(pid, status, options));
  return { pid: result, status: status.readInt32LE(0) };
}

/** A pipe's two ends, both closed at exec; a negated error number in their place where that failed. */
export function pipe(): { readonly read: number; readonly write: number } | number {
  const fds = new Int32Array(2);
  const result = orErrno(native.pipe2(new Uint8Array(fds.buffer), O_CLOEXEC));
  const [read = -1, write = -1] = fds;
  return result < 0 ? result : { read, write };
}

/** Of the commands whose argument is a number. */
export function fcntl(fd: number, command: number, argument: number): number {
  return orErrno(native.fcntl(fd, command, argument));
}

const O_CLOEXEC = 0o2000000;
const SIG_SETMASK = 2;
/** sizeof(sigset_t) of glibc and musl. */
const SIGSET_LENGTH = 128;

/** Runs `action` while the calling thread takes no signal, and neither does what it starts then. */
export function withSignalsBlocked<T>(action: () => T): T {
  const before = Buffer.alloc(SIGSET_LENGTH);
  native.sigmask(SIG_SETMASK, Buffer.alloc(SIGSET_LENGTH, 0xff), before);
  try {
    return action();
  } finally {
    native.sigmask(SIG_SETMASK, before, null);
  }
}

/** The address of a function of the C library; 0 where it has none of the name. */
export function dlsym(name: string): number {
  return native.dlsym(0, name);
}

/** Starts a process in which the function at `call` is called with `argument`, on the stack that ends at `stack`. */
export function clone(call: number, stack: number, flags: number, argument: number): number {
  return orErrno(native.clone(call, stack, flags, argument));
}

interface Contexts {
  readonly getcontext: (context: Bytes) => number;
  readonly makecontext: (
    context: Bytes,
    call: number,
    count: number,
    ...args: (string | number)[]
  ) => void;
}

/** Looked up with the first use: not every C library has them. */
let contexts: Contexts | undefined;

function contextFunctions(): Contexts {
  contexts ??= {
    getcontext: library.func('int getcontext(void *)') as Contexts['getcontext'],
    makecontext: library.func(
      'void makecontext(void *, uintptr_t, int, ...)',
    ) as Contexts['makecontext'],
  };
  return contexts;
}

/** Fills a `ucontext_t`. Throws where the C library has no contexts, such as musl. */
export function getcontext(context: Bytes): void {
  contextFunctions().getcontext(context);
}

/** Has a `ucontext_t` call the function at `call`. Throws as `getcontext` does. */
export function makecontext(context: Bytes, call: number, args: readonly number[]): void {
  const typed = args.flatMap((value) => ['uintptr_t', value]);
  contextFunctions().makecontext(context, call, args.length, ...typed);
}

/** Ends the process at once, from any thread; `process.abort` refuses to in a Worker. */
export function abort(): void {
  native.abort();
}

/** The C library's text for a positive error number. */
export function strerror(errno: number): string {
  return native.strerror(errno);
}
