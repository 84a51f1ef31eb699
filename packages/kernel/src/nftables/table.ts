import type { Query } from '../netlink/request.ts';
import type { NftFamily } from './family.ts';
import {
  NFT_MSG_DELRULE,
  NFT_MSG_DELTABLE,
  NFT_MSG_GETTABLE,
  NFT_MSG_NEWTABLE,
  nftQuery,
  nftRequest,
  required,
} from './message.ts';
import type { Command } from './transaction.ts';

const NFTA_TABLE_NAME = 1;
const NFTA_TABLE_FLAGS = 2;
const NFTA_TABLE_HANDLE = 4;
const NFTA_RULE_TABLE = 1;

/** Which table is meant. */
export interface TablePlace {
  readonly family: NftFamily;
  readonly table: string;
}

/** A table as the kernel describes it. */
export interface Table extends TablePlace {
  readonly handle: bigint;
}

/** A table in words, for errors: `inet filter`. */
export function describeTable({ family, table }: TablePlace): string {
  return `${family} ${table}`;
}

/** Makes a table; one that is there stays as it is. */
export function addTable(place: TablePlace): Command {
  return tableCommand('add table', NFT_MSG_NEWTABLE, place);
}

/** Deletes a table with all that is in it; ENOENT where there is none. */
export function deleteTable(place: TablePlace): Command {
  return tableCommand('delete table', NFT_MSG_DELTABLE, place);
}

/** Deletes a table with all that is in it, if there is one. */
export function destroyTable(place: TablePlace): Command {
  const commands = [addTable(place), deleteTable(place)];
  return (nextSetId) => commands.flatMap((command) => command(nextSetId));
}

/** Deletes the rules of a table; its chains, sets and objects stay. */
export function flushTable(place: TablePlace): Command {
  return () => [
    nftRequest({
      operation: 'flush table',
      target: describeTable(place),
      family: place.family,
      message: NFT_MSG_DELRULE,
      write: (writer) => writer.attributeString(NFTA_RULE_TABLE, place.table),
    }),
  ];
}

/** Deletes every table of every family of the namespace, whoever made it. */
export function flushRuleset(): Command {
  return () => [
    nftRequest({
      operation: 'flush',
      target: 'ruleset',
      family: undefined,
      message: NFT_MSG_DELTABLE,
    }),
  ];
}

/** The tables of one family or of all. */
export function listTables({ family }: { family?: NftFamily } = {}): Query<Table> {
  const request = {
    operation: 'list tables',
    target: family ?? 'all families',
    family,
    message: NFT_MSG_GETTABLE,
  };
  return nftQuery(request, NFT_MSG_NEWTABLE, (attributes, tableFamily) => ({
    family: tableFamily,
    table: required(attributes.string(NFTA_TABLE_NAME)),
    handle: required(attributes.be64(NFTA_TABLE_HANDLE)),
  }));
}

function tableCommand(operation: string, message: number, place: TablePlace): Command {
  return () => [
    nftRequest({
      operation,
      target: describeTable(place),
      family: place.family,
      message,
      write: (writer) => {
        writer.attributeString(NFTA_TABLE_NAME, place.table);
        if (message === NFT_MSG_NEWTABLE) writer.attributeBe32(NFTA_TABLE_FLAGS, 0);
      },
    }),
  ];
}
