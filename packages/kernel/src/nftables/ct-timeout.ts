import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../netfilter/nfproto.ts';
import type { Attributes } from '../netlink/attributes.ts';
import { NLM_F_CREATE, type Query } from '../netlink/request.ts';
import type { IpFamily } from '../route/ip-address.ts';
import { requireInteger, U32_MAX } from '../tc/range.ts';
import type { NftFamily } from './family.ts';
import {
  NFT_MSG_DELOBJ,
  NFT_MSG_GETOBJ,
  NFT_MSG_NEWOBJ,
  nftQuery,
  nftRequest,
  required,
} from './message.ts';
import { describeTable, type TablePlace } from './table.ts';
import type { Command } from './transaction.ts';

const NFTA_OBJ_TABLE = 1;
const NFTA_OBJ_NAME = 2;
const NFTA_OBJ_TYPE = 3;
const NFTA_OBJ_DATA = 4;
const NFTA_CT_TIMEOUT_L3PROTO = 1;
const NFTA_CT_TIMEOUT_L4PROTO = 2;
const NFTA_CT_TIMEOUT_DATA = 3;
const NFT_OBJECT_CT_TIMEOUT = 7;

/** linux/netfilter/nfnetlink_cttimeout.h; nft's names of a connection's states. */
const STATES = {
  tcp: {
    protocol: 6,
    states: {
      syn_sent: 1,
      syn_recv: 2,
      established: 3,
      fin_wait: 4,
      close_wait: 5,
      last_ack: 6,
      time_wait: 7,
      close: 8,
      retrans: 10,
      unack: 11,
    },
  },
  udp: { protocol: 17, states: { unreplied: 1, replied: 2 } },
} as const;

type Protocol = keyof typeof STATES;

/** Seconds that a connection in each of the protocol's states is kept. */
export type CtTimeoutPolicy<P extends Protocol> = {
  readonly [State in keyof (typeof STATES)[P]['states']]?: number;
};

/** Which ct timeout object is meant. */
export interface CtTimeoutPlace extends TablePlace {
  readonly ctTimeout: string;
}

/** Timeouts for the connections that a rule gives them to (`setCtTimeout`). */
export type NewCtTimeout = CtTimeoutPlace & {
  /** The IP version of those connections. */
  readonly l3: IpFamily;
} & (
    | { readonly protocol: 'tcp'; readonly policy: CtTimeoutPolicy<'tcp'> }
    | { readonly protocol: 'udp'; readonly policy: CtTimeoutPolicy<'udp'> }
  );

/** A ct timeout object as the kernel describes it; states that are not known here are left out. */
export interface CtTimeout extends CtTimeoutPlace {
  readonly l3: IpFamily;
  readonly protocol: Protocol;
  /** Seconds by state. */
  readonly policy: Readonly<Record<string, number>>;
}

/** Makes a ct timeout object. Needs nfnetlink_cttimeout in the kernel (EOPNOTSUPP without). */
export function addCtTimeout(timeout: NewCtTimeout): Command {
  const { protocol, states } = STATES[timeout.protocol];
  const policy = new Map(Object.entries(timeout.policy));
  return () => [
    nftRequest({
      operation: 'add ct timeout',
      target: describe(timeout),
      family: timeout.family,
      message: NFT_MSG_NEWOBJ,
      flags: NLM_F_CREATE,
      write: (writer) =>
        writer
          .attributeString(NFTA_OBJ_TABLE, timeout.table)
          .attributeString(NFTA_OBJ_NAME, timeout.ctTimeout)
          .attributeBe32(NFTA_OBJ_TYPE, NFT_OBJECT_CT_TIMEOUT)
          .nest(NFTA_OBJ_DATA, (data) =>
            data
              .attributeBe16(
                NFTA_CT_TIMEOUT_L3PROTO,
                timeout.l3 === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6,
              )
              .attributeU8(NFTA_CT_TIMEOUT_L4PROTO, protocol)
              .nest(NFTA_CT_TIMEOUT_DATA, (nest) => {
                for (const [state, type] of Object.entries(states)) {
                  const seconds = policy.get(state);
                  if (seconds === undefined) continue;
                  nest.attributeBe32(type, requireInteger(state, seconds, 0, U32_MAX));
                }
              }),
          ),
    }),
  ];
}

/** Deletes a ct timeout object; EBUSY where a rule uses it. */
export function deleteCtTimeout(place: CtTimeoutPlace): Command {
  return () => [
    nftRequest({
      operation: 'delete ct timeout',
      target: describe(place),
      family: place.family,
      message: NFT_MSG_DELOBJ,
      write: (writer) =>
        writer
          .attributeString(NFTA_OBJ_TABLE, place.table)
          .attributeString(NFTA_OBJ_NAME, place.ctTimeout)
          .attributeBe32(NFTA_OBJ_TYPE, NFT_OBJECT_CT_TIMEOUT),
    }),
  ];
}

/** The ct timeout objects for TCP and UDP of one family or of all. */
export function listCtTimeouts({ family }: { family?: NftFamily } = {}): Query<CtTimeout> {
  const request = {
    operation: 'list ct timeouts',
    target: family ?? 'all families',
    family,
    message: NFT_MSG_GETOBJ,
  };
  return nftQuery(request, NFT_MSG_NEWOBJ, decode);
}

function decode(attributes: Attributes, family: NftFamily): CtTimeout | undefined {
  if (attributes.be32(NFTA_OBJ_TYPE) !== NFT_OBJECT_CT_TIMEOUT) return undefined;
  const data = attributes.nested(NFTA_OBJ_DATA);
  const number = data?.u8(NFTA_CT_TIMEOUT_L4PROTO);
  const protocol = (['tcp', 'udp'] as const).find((name) => STATES[name].protocol === number);
  if (!data || !protocol) return undefined;
  const seconds = data.nested(NFTA_CT_TIMEOUT_DATA);
  const policy = Object.entries(STATES[protocol].states).flatMap(([state, type]) => {
    const value = seconds?.be32(type);
    return value === undefined ? [] : [[state, value] as const];
  });
  return {
    family,
    table: required(attributes.string(NFTA_OBJ_TABLE)),
    ctTimeout: required(attributes.string(NFTA_OBJ_NAME)),
    l3: data.be16(NFTA_CT_TIMEOUT_L3PROTO) === NFPROTO_IPV6 ? 6 : 4,
    protocol,
    policy: Object.fromEntries(policy),
  };
}

function describe(place: CtTimeoutPlace): string {
  return `${describeTable(place)} ${place.ctTimeout}`;
}
