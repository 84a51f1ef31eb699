import { register } from './expression.ts';
import type { Statement } from './rule-draft.ts';
import type { Selector } from './selector.ts';

const NFT_NG_RANDOM = 1;
const NFT_BYTEORDER_HTON = 1;
const PORT_BYTES = 2;

/** The last four bytes of the registers, where no key and no data of a map's element reaches. */
const DRAWN_WORD = 15;

/**
 * A random port from `from` to `to`, drawn once for a packet by the statement `draw`; the statements
 * behind it in the same rule have it as `port`, as often as they like. (nft's own language draws anew
 * at every place.)
 */
export function drawPort(from: number, to: number): { draw: Statement; port: Selector } {
  const draw: Statement = (rule) =>
    rule.push({
      name: 'numgen',
      dreg: register(DRAWN_WORD),
      modulus: to - from + 1,
      type: NFT_NG_RANDOM,
      offset: from,
    });
  const load: Selector['load'] = (rule, word) => {
    const dreg = register(word);
    rule.push(
      // Of the four bytes, a key has zeros behind the port.
      { name: 'immediate', dreg, data: new Uint8Array(4) },
      {
        name: 'byteorder',
        sreg: register(DRAWN_WORD),
        dreg,
        op: NFT_BYTEORDER_HTON,
        length: PORT_BYTES,
        size: PORT_BYTES,
      },
    );
  };
  return { draw, port: { type: 'inet_service', load } };
}
