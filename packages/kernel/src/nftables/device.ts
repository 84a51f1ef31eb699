import { loadConcatenation } from './concatenation.ts';
import { dataType } from './data-type.ts';
import { register } from './expression.ts';
import type { Statement } from './rule-draft.ts';
import type { Selector } from './selector.ts';

/** Sends a copy of the packet by another interface, and goes on (nft's `dup to`); in the family netdev. */
export function duplicateTo(ifindex: number): Statement {
  const device = register(0);
  const data = dataType('ifindex').encode(ifindex);
  return (rule) => {
    rule.push({ name: 'immediate', dreg: device, data }, { name: 'dup', sregDevice: device });
  };
}

/**
 * Sends the packet by the interface that a map of `ifindex` has for it, and is done with it (nft's
 * `fwd to`); one that the map has nothing for goes on. In the family netdev.
 */
export function forwardToMap(key: Selector, map: string): Statement {
  const device = register(0);
  return (rule) => {
    loadConcatenation(rule, [key], 0);
    rule.push({ name: 'lookup', set: map, sreg: device, dreg: device });
    rule.push({ name: 'fwd', sregDevice: device });
  };
}
