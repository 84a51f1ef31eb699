import type { Attributes } from '../netlink/attributes.ts';
import { NLM_F_CREATE, type Query, type Request } from '../netlink/request.ts';
import type { Writer } from '../netlink/writer.ts';
import { type ChainPlace, describeChain } from './chain.ts';
import type { Expression } from './expression.ts';
import { readExpressions, writeExpressions } from './expression-codec.ts';
import type { NftFamily } from './family.ts';
import {
  NFT_MSG_DELRULE,
  NFT_MSG_GETRULE,
  NFT_MSG_NEWRULE,
  nftQuery,
  nftRequest,
  required,
} from './message.ts';
import { RuleDraft, type Statement } from './rule-draft.ts';
import { anonymousSetRequests } from './set.ts';
import type { Command } from './transaction.ts';

const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_HANDLE = 3;
const NFTA_RULE_EXPRESSIONS = 4;

const NLM_F_APPEND = 0x800;

/** A rule as the kernel describes it. */
export interface Rule extends ChainPlace {
  /** Unique in its table. */
  readonly handle: bigint;
  readonly expressions: readonly Expression[];
}

/** Adds a rule to the end of a chain. */
export function appendRule(chain: ChainPlace, ...statements: Statement[]): Command {
  return ruleCommand('append rule', NLM_F_CREATE | NLM_F_APPEND, chain, statements);
}

/** Adds a rule to the beginning of a chain. */
export function insertRule(chain: ChainPlace, ...statements: Statement[]): Command {
  return ruleCommand('insert rule', NLM_F_CREATE, chain, statements);
}

/** Deletes one rule; ENOENT where there is none of that handle. */
export function deleteRule(chain: ChainPlace, handle: bigint): Command {
  return () => [
    nftRequest({
      operation: 'delete rule',
      target: `${describeChain(chain)} handle ${handle}`,
      family: chain.family,
      message: NFT_MSG_DELRULE,
      write: (writer) =>
        writer
          .attributeString(NFTA_RULE_TABLE, chain.table)
          .attributeString(NFTA_RULE_CHAIN, chain.chain)
          .attributeBe64(NFTA_RULE_HANDLE, handle),
    }),
  ];
}

/** The rules of a chain, of a table, of a family or of all, in their order. */
export function listRules(
  place: { family?: NftFamily } | ({ chain?: string } & Omit<ChainPlace, 'chain'>) = {},
): Query<Rule> {
  const { family } = place;
  const { table, chain } = { table: undefined, chain: undefined, ...place };
  const request = {
    operation: 'list rules',
    target: [family ?? 'all families', table, chain].filter(Boolean).join(' '),
    family,
    message: NFT_MSG_GETRULE,
    write: (writer: Writer) => {
      if (table !== undefined) writer.attributeString(NFTA_RULE_TABLE, table);
      if (chain !== undefined) writer.attributeString(NFTA_RULE_CHAIN, chain);
    },
  };
  return nftQuery(request, NFT_MSG_NEWRULE, decodeRule);
}

function ruleCommand(
  operation: string,
  flags: number,
  chain: ChainPlace,
  statements: readonly Statement[],
): Command {
  return (nextSetId) => {
    const draft = new RuleDraft(chain.family, nextSetId);
    for (const statement of statements) statement(draft);
    const sets = draft.sets.flatMap((set) => anonymousSetRequests(chain, set));
    return [...sets, ruleRequest(operation, flags, chain, draft.expressions)];
  };
}

function ruleRequest(
  operation: string,
  flags: number,
  chain: ChainPlace,
  expressions: readonly Expression[],
): Request {
  return nftRequest({
    operation,
    target: describeChain(chain),
    family: chain.family,
    message: NFT_MSG_NEWRULE,
    flags,
    write: (writer) =>
      writer
        .attributeString(NFTA_RULE_TABLE, chain.table)
        .attributeString(NFTA_RULE_CHAIN, chain.chain)
        .nest(NFTA_RULE_EXPRESSIONS, (list) => writeExpressions(list, expressions)),
  });
}

function decodeRule(attributes: Attributes, family: NftFamily): Rule {
  return {
    family,
    table: required(attributes.string(NFTA_RULE_TABLE)),
    chain: required(attributes.string(NFTA_RULE_CHAIN)),
    handle: required(attributes.be64(NFTA_RULE_HANDLE)),
    expressions: readExpressions(attributes.bytes(NFTA_RULE_EXPRESSIONS) ?? new Uint8Array()),
  };
}
