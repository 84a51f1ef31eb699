import { nfgenmsg } from '../netfilter/nfgenmsg.ts';
import type { Request } from '../netlink/request.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { NFNL_SUBSYS_NFTABLES } from './message.ts';

/** linux/netfilter/nfnetlink.h */
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;

/**
 * A change of the ruleset, to be carried out by `commit`. It may take several messages: sets without a
 * name that a rule refers to are made first, under numbers that are unique within the transaction.
 */
export type Command = (nextSetId: () => number) => readonly Request[];

/**
 * Carries out the commands in order as one transaction: other programs and packets see all of them or
 * none. `socket` speaks NETLINK_NETFILTER in the namespace whose ruleset it is.
 * @throws {KernelError} the first command that the kernel refused, whereupon nothing has changed
 */
export function commit(socket: NetlinkSocket, commands: readonly Command[]): void {
  socket.transaction(encodeTransaction(commands));
}

/** The messages of a transaction, those that begin and end it included. */
export function encodeTransaction(commands: readonly Command[]): Request[] {
  let setId = 0;
  const nextSetId = () => {
    setId += 1;
    return setId;
  };
  const requests = commands.flatMap((command) => command(nextSetId));
  return [border('begin', NFNL_MSG_BATCH_BEGIN), ...requests, border('end', NFNL_MSG_BATCH_END)];
}

function border(verb: string, type: number): Request {
  return {
    operation: `${verb} transaction`,
    target: 'nftables',
    type,
    flags: 0,
    body: nfgenmsg(0, { resourceId: NFNL_SUBSYS_NFTABLES }).finish(),
  };
}
