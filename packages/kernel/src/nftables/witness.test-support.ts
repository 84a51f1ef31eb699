import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { NETLINK_NETFILTER } from '../netfilter/nfgenmsg.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { NetworkNamespace } from '../netns/network-namespace.ts';

/** A network namespace of a test's own, without a name, and programs inside it as witnesses. */
export interface Space {
  readonly netns: NetworkNamespace;
  /** Speaks NETLINK_NETFILTER. */
  readonly netfilter: NetlinkSocket;
  readonly run: (command: string, args: readonly string[], input?: string) => string;
}

export function makeSpace(t: TestContext): Space {
  const netns = NetworkNamespace.anonymous();
  const netfilter = netns.netlink({ protocol: NETLINK_NETFILTER });
  t.after(() => {
    netfilter.close();
    netns.close();
  });
  return {
    netns,
    netfilter,
    run: (command, args, input = '') =>
      netns.run<string>(() => execFileSync(command, args, { encoding: 'utf8', input })),
  };
}

/** What `nft -j list ruleset` says, without the numbers that the kernel gives. */
export function ruleset({ run }: Space): unknown {
  const { nftables } = JSON.parse(run('nft', ['-j', 'list', 'ruleset'])) as { nftables: object[] };
  return JSON.parse(
    JSON.stringify(nftables.slice(1), (key, value: unknown) =>
      key === 'handle' ? undefined : value,
    ),
  );
}
