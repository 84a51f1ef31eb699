/** What kind of wish could not be met; each has one meaning for good. */
export type LabErrorCode =
  | 'ERR_LAB_ADDRESSES_EXHAUSTED'
  | 'ERR_LAB_ADDRESS_TAKEN'
  | 'ERR_LAB_AMBIGUOUS_LINK'
  | 'ERR_LAB_CLOSED'
  | 'ERR_LAB_CODE_ENDED'
  | 'ERR_LAB_FILE'
  | 'ERR_LAB_INTERFACE_TAKEN'
  | 'ERR_LAB_INVALID_ADDRESS'
  | 'ERR_LAB_INVALID_NAME'
  | 'ERR_LAB_INVALID_PREFIX'
  | 'ERR_LAB_LAST_INTERFACE'
  | 'ERR_LAB_MTU'
  | 'ERR_LAB_NAME_RESERVED'
  | 'ERR_LAB_NAME_TAKEN'
  | 'ERR_LAB_NAT_TIMEOUT'
  | 'ERR_LAB_NODE_IN_USE'
  | 'ERR_LAB_NODE_REMOVED'
  | 'ERR_LAB_NOT_NEIGHBOURS'
  | 'ERR_LAB_NOT_PERMITTED'
  | 'ERR_LAB_NO_ADDRESS'
  | 'ERR_LAB_NO_ANSWER'
  | 'ERR_LAB_NO_INTERFACE'
  | 'ERR_LAB_OTHER_LAB'
  | 'ERR_LAB_REGION_LINK'
  | 'ERR_LAB_UNKNOWN_NAME'
  | 'ERR_LAB_UPSTREAM';

/** A lab cannot do what was asked. What the kernel itself refuses is a KernelError. */
export class LabError extends Error {
  readonly code: LabErrorCode;
  /** What can be done about it. */
  readonly remedy: string | undefined;

  static {
    LabError.prototype.name = 'LabError';
  }

  constructor(code: LabErrorCode, message: string, remedy?: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

/** The node of a handle is no longer in its lab, or the lab is closed. */
export class NodeRemoved extends LabError {
  /** The node's name. */
  readonly node: string;

  static {
    NodeRemoved.prototype.name = 'NodeRemoved';
  }

  constructor(node: string) {
    super('ERR_LAB_NODE_REMOVED', `node ${node} was removed from its lab`);
    this.node = node;
  }
}

/** No node has a name, nor was it set. */
export function unknownName(name: string): LabError {
  return new LabError('ERR_LAB_UNKNOWN_NAME', `no address has the name ${name}`);
}

/** A node has no address of a family, because a router's network does not support it. */
export function noAddress(node: string, family: string, router: string, ip: string): LabError {
  return new LabError(
    'ERR_LAB_NO_ADDRESS',
    `node ${node} has no ${family} address: the network of router ${router} is ${ip}`,
    "make that router with ip: 'dual-stack', or ask for the other address",
  );
}
