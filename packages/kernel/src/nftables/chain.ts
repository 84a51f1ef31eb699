import { Attributes } from '../netlink/attributes.ts';
import { NLM_F_CREATE, type Query } from '../netlink/request.ts';
import type { Writer } from '../netlink/writer.ts';
import { assertInterfaceName } from '../route/interface-name.ts';
import type { NftFamily } from './family.ts';
import {
  NFT_MSG_DELCHAIN,
  NFT_MSG_DELRULE,
  NFT_MSG_GETCHAIN,
  NFT_MSG_NEWCHAIN,
  nftQuery,
  nftRequest,
  required,
} from './message.ts';
import { describeTable, type TablePlace } from './table.ts';
import type { Command } from './transaction.ts';

const NFTA_CHAIN_TABLE = 1;
const NFTA_CHAIN_HANDLE = 2;
const NFTA_CHAIN_NAME = 3;
const NFTA_CHAIN_HOOK = 4;
const NFTA_CHAIN_POLICY = 5;
const NFTA_CHAIN_TYPE = 7;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;
const NFTA_HOOK_DEV = 3;
const NFTA_HOOK_DEVS = 4;
const NFTA_DEVICE_NAME = 1;
const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;

/** Where in a packet's way a base chain stands; `ingress` and `egress` are of the family netdev. */
export type Hook =
  | 'prerouting'
  | 'input'
  | 'forward'
  | 'output'
  | 'postrouting'
  | 'ingress'
  | 'egress';

/** enum nf_inet_hooks, enum nf_dev_hooks (linux/netfilter.h) */
const INET_HOOKS: readonly Hook[] = [
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
  'ingress',
];
const NETDEV_HOOKS: readonly Hook[] = ['ingress', 'egress'];
const utf8 = new TextDecoder();

const POLICIES = ['drop', 'accept'] as const;

/** nft's names of priorities: chains of a hook run from the lowest to the highest. */
export const PRIORITY = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
} as const;

/** Which chain is meant. */
export interface ChainPlace extends TablePlace {
  readonly chain: string;
}

/** What makes a chain one that packets enter by themselves. */
export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  readonly priority: number;
  /** What becomes of a packet that no rule decides on; `accept` by default. */
  readonly policy?: 'accept' | 'drop';
  /** The interfaces whose packets enter, for `ingress` and `egress`. */
  readonly devices?: readonly string[];
}

export interface NewChain extends ChainPlace {
  /** Without it the chain is a regular one, which rules jump to. */
  readonly base?: BaseChain;
}

/** A chain as the kernel describes it. */
export interface Chain extends ChainPlace {
  readonly handle: bigint;
  readonly base: BaseChain | undefined;
}

/** Makes a chain; of one that is there it can change the policy. */
export function addChain(chain: NewChain): Command {
  return chainCommand('add chain', NFT_MSG_NEWCHAIN, chain, (writer) => {
    if (chain.base) writeBase(writer, chain.family, chain.base);
  });
}

/** Deletes a chain with its rules; EBUSY where a rule jumps to it. */
export function deleteChain(place: ChainPlace): Command {
  return chainCommand('delete chain', NFT_MSG_DELCHAIN, place);
}

/** Deletes the rules of a chain. */
export function flushChain(place: ChainPlace): Command {
  return () => [
    nftRequest({
      operation: 'flush chain',
      target: describeChain(place),
      family: place.family,
      message: NFT_MSG_DELRULE,
      write: (writer) =>
        writer
          .attributeString(NFTA_RULE_TABLE, place.table)
          .attributeString(NFTA_RULE_CHAIN, place.chain),
    }),
  ];
}

/** The chains of one family or of all. */
export function listChains({ family }: { family?: NftFamily } = {}): Query<Chain> {
  const request = {
    operation: 'list chains',
    target: family ?? 'all families',
    family,
    message: NFT_MSG_GETCHAIN,
  };
  return nftQuery(request, NFT_MSG_NEWCHAIN, (attributes, chainFamily) => ({
    family: chainFamily,
    table: required(attributes.string(NFTA_CHAIN_TABLE)),
    chain: required(attributes.string(NFTA_CHAIN_NAME)),
    handle: required(attributes.be64(NFTA_CHAIN_HANDLE)),
    base: decodeBase(attributes, chainFamily),
  }));
}

/** A chain in words, for errors: `inet filter forward`. */
export function describeChain(place: ChainPlace): string {
  return `${describeTable(place)} ${place.chain}`;
}

function chainCommand(
  operation: string,
  message: number,
  place: ChainPlace,
  write?: (writer: Writer) => void,
): Command {
  return () => [
    nftRequest({
      operation,
      target: describeChain(place),
      family: place.family,
      message,
      flags: message === NFT_MSG_NEWCHAIN ? NLM_F_CREATE : 0,
      write: (writer) => {
        writer.attributeString(NFTA_CHAIN_TABLE, place.table);
        writer.attributeString(NFTA_CHAIN_NAME, place.chain);
        write?.(writer);
      },
    }),
  ];
}

function writeBase(writer: Writer, family: NftFamily, base: BaseChain): void {
  const { type, hook, priority, policy = 'accept', devices = [] } = base;
  const number = hooksOf(family).indexOf(hook);
  if (number < 0) throw new RangeError(`the family ${family} has no hook ${hook}`);
  for (const device of devices) assertInterfaceName(device);
  writer
    .attributeString(NFTA_CHAIN_TYPE, type)
    .attributeBe32(NFTA_CHAIN_POLICY, POLICIES.indexOf(policy))
    .nest(NFTA_CHAIN_HOOK, (nest) => {
      nest.attributeBe32(NFTA_HOOK_HOOKNUM, number).attributeBe32(NFTA_HOOK_PRIORITY, priority);
      writeDevices(nest, devices);
    });
}

function writeDevices(writer: Writer, devices: readonly string[]): void {
  const [first, ...others] = devices;
  if (first === undefined) return;
  // One device by itself is what kernels before 5.5 know.
  if (others.length === 0) writer.attributeString(NFTA_HOOK_DEV, first);
  else {
    writer.nest(NFTA_HOOK_DEVS, (nest) => {
      for (const device of devices) nest.attributeString(NFTA_DEVICE_NAME, device);
    });
  }
}

function decodeBase(attributes: Attributes, family: NftFamily): BaseChain | undefined {
  const hook = attributes.nested(NFTA_CHAIN_HOOK);
  if (!hook) return undefined;
  const devices = devicesOf(hook);
  return {
    type: required(attributes.string(NFTA_CHAIN_TYPE)) as BaseChain['type'],
    hook: required(hooksOf(family)[required(hook.be32(NFTA_HOOK_HOOKNUM))]),
    priority: required(hook.be32(NFTA_HOOK_PRIORITY)) | 0,
    policy: required(POLICIES[attributes.be32(NFTA_CHAIN_POLICY) ?? 1]),
    ...(devices.length > 0 && { devices }),
  };
}

function devicesOf(hook: Attributes): string[] {
  const single = hook.string(NFTA_HOOK_DEV);
  if (single !== undefined) return [single];
  const list = hook.bytes(NFTA_HOOK_DEVS) ?? new Uint8Array();
  return Attributes.entries(list).map(({ payload }) => cString(payload));
}

function cString(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function hooksOf(family: NftFamily): readonly Hook[] {
  return family === 'netdev' ? NETDEV_HOOKS : INET_HOOKS;
}
