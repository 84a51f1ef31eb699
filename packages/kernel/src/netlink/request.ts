/** Flags of `struct nlmsghdr` that a request sets by its verb (linux/netlink.h). */
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP = 0x300;
const NLM_F_REPLACE = 0x100;
const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

/** iproute2's verbs as flags. */
export const ADD: number = NLM_F_CREATE | NLM_F_EXCL;
export const REPLACE: number = NLM_F_CREATE | NLM_F_REPLACE;
export const CHANGE = 0;

/**
 * One netlink request before a socket gives it a sequence number: what to send, and in words what
 * it is for, so that an error can say which operation on which target failed.
 */
export interface Request {
  /** What is being done, as a verb phrase: `add veth`, `replace netem qdisc`. */
  readonly operation: string;
  /** What it is done to: an interface name or index. */
  readonly target: string;
  /** Message type, such as RTM_NEWQDISC. */
  readonly type: number;
  /** The verb's flags; a socket adds NLM_F_REQUEST and NLM_F_ACK or NLM_F_DUMP. */
  readonly flags: number;
  /** The family structure and attributes that follow `struct nlmsghdr`. */
  readonly body: Uint8Array;
}

/** A message of an answer, behind its header. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

/** A request whose answer is objects: `parse` gives one, or undefined for a message to pass over. */
export interface Query<T> extends Request {
  readonly parse: (message: Message) => T | undefined;
}
