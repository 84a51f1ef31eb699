import { Direction, exactDirection, LabChange, NetweirError, validate } from '@netweir/api';
import { directionIn } from '../../flags.ts';
import type { DirectionOrTcFlags } from '../../impairment-options.ts';
import type { LabTarget } from './target.ts';

/** The flags of `lab set`, as they were written. */
export interface LabSetFlags extends DirectionOrTcFlags {
  readonly up?: true;
  readonly down?: true;
  readonly default?: true;
  readonly mtu?: string;
  readonly renew?: true;
  readonly replug?: string;
  readonly plug?: string;
  readonly addAddress?: readonly string[];
  readonly removeAddress?: readonly string[];
  readonly condition?: string;
  readonly egress?: true;
  readonly ingress?: true;
  readonly nat?: string;
  readonly natV6?: string;
  readonly flushNat?: true;
  readonly firewall?: string;
  readonly blockFragNeeded?: 'yes' | 'no';
  readonly uplink?: string;
  readonly remove?: true;
  readonly between?: string;
  readonly blackhole?: true;
}

/** What is said of a change besides where it happens. */
type Wanted = { readonly type: LabChange['type'] } & Readonly<Record<string, unknown>>;

/**
 * The changes that flags ask for, in the order in which they are made.
 *
 * @throws NetweirError `invalid-request`, `invalid-combination`, `invalid-quantity`
 */
export function changesOf(target: LabTarget, flags: LabSetFlags): LabChange[] {
  if (flags.between !== undefined) return regionChanges(target, flags, flags.between);
  if (flags.blackhole) throw isAbout('the link between two regions', 'LAB --between REGION/REGION');
  const [ofInterface, ofNode] = [interfaceChanges(flags), nodeChanges(flags)];
  if (flags.remove) {
    const isNode = target.interface === undefined;
    (isNode ? ofNode : ofInterface).push({ type: isNode ? 'remove-node' : 'remove-interface' });
  }
  const wanted = [...ofInterface, ...ofNode];
  const [first] = wanted;
  if (!first) throw nothingToDo();
  const { node, interface: name } = target;
  if (ofInterface.length > 0 && name === undefined)
    throw isAbout('an interface', 'LAB/NODE/INTERFACE');
  if (ofNode.length > 0 && (node === undefined || name !== undefined))
    throw isAbout('a node', 'LAB/NODE');
  const at = { node, ...(name !== undefined && { interface: name }) };
  return wanted.map((one) => validate(LabChange, { ...one, ...at }, `the change ${one.type}`));
}

function interfaceChanges(flags: LabSetFlags): Wanted[] {
  if (flags.up && flags.down) throw exclude('--up', '--down');
  if (flags.plug !== undefined && flags.replug !== undefined) throw exclude('--plug', '--replug');
  const conditions = conditionsIn(flags);
  return [
    ...when(flags.plug, (to) => ({ type: 'add-interface', to })),
    ...when(flags.replug, (to) => ({ type: 'replug', to })),
    ...(flags.removeAddress ?? []).map((address): Wanted => ({ type: 'remove-address', address })),
    ...(flags.addAddress ?? []).map((address): Wanted => ({ type: 'add-address', address })),
    ...when(flags.renew, () => ({ type: 'renew-address' })),
    ...when(flags.mtu, (mtu) => ({ type: 'mtu', mtu: Number(mtu) })),
    ...when(conditions, (wanted) => ({ type: 'conditions', conditions: wanted.conditions })),
    ...when(flags.up ?? flags.down, () => ({ type: 'link', state: flags.up ? 'up' : 'down' })),
    ...when(flags.default, () => ({ type: 'default-route' })),
  ];
}

function nodeChanges(flags: LabSetFlags): Wanted[] {
  return [
    ...when(flags.uplink, (to) => ({ type: 'uplink', to })),
    ...when(flags.nat, (nat) => ({ type: 'nat', nat })),
    ...when(flags.natV6, (natV6) => ({ type: 'nat-v6', natV6 })),
    ...when(flags.flushNat, () => ({ type: 'flush-nat' })),
    ...when(flags.firewall, (firewall) => ({ type: 'firewall', firewall })),
    ...when(flags.blockFragNeeded, (answer) => ({
      type: 'block-frag-needed',
      block: answer === 'yes',
    })),
  ];
}

/** Of the flags of interfaces, those that are about their links. */
function regionChanges(target: LabTarget, flags: LabSetFlags, text: string): LabChange[] {
  if (target.node !== undefined) throw isAbout('the link between two regions', 'LAB');
  const { blackhole, up, remove } = flags;
  if (up && blackhole) throw exclude('--up', '--blackhole');
  const ofLinks = interfaceChanges({ ...flags, ...(blackhole && { down: true }) });
  const mode = blackhole && { mode: 'blackhole' };
  const wanted = ofLinks.flatMap((change): Wanted[] => {
    if (change.type === 'conditions') return [{ ...change, type: 'region-link-conditions' }];
    if (change.type !== 'link') throw isAbout('an interface', 'LAB/NODE/INTERFACE');
    return [up ? { type: 'restore-region-link' } : { type: 'break-region-link', ...mode }];
  });
  if (remove) wanted.push({ type: 'unlink-regions' });
  if (wanted.length === 0) throw nothingToDo();
  if (nodeChanges(flags).length > 0) throw isAbout('a node', 'LAB/NODE');
  const between = text.split('/');
  return wanted.map((one) => validate(LabChange, { ...one, between }, `the change ${one.type}`));
}

/** The conditions that are asked for: null takes all off. */
function conditionsIn(flags: LabSetFlags): { readonly conditions: unknown } | undefined {
  const direction = directionIn(flags);
  if (direction && flags.condition !== undefined)
    throw exclude('--condition', 'what it stands for');
  if (direction) exactDirection(validate(Direction, direction, 'the condition'));
  const condition = direction ?? flags.condition;
  if (condition === undefined) {
    if (!flags.egress && !flags.ingress) return undefined;
    throw new NetweirError('invalid-request', '--egress and --ingress need a condition', {
      remedy: 'Add --condition wifi, --delay 100ms or the like.',
    });
  }
  if (condition === 'none') return { conditions: null };
  if (flags.egress === flags.ingress) return { conditions: condition };
  return { conditions: flags.egress ? { egress: condition } : { ingress: condition } };
}

function when<T>(flag: T | undefined, change: (value: T) => Wanted): Wanted[] {
  return flag === undefined ? [] : [change(flag)];
}

function nothingToDo(): NetweirError {
  return new NetweirError('invalid-request', 'lab set needs to be told what to do', {
    remedy: 'Add a flag such as --condition wifi or --down; `netweir lab set --help` lists them.',
  });
}

function exclude(one: string, other: string): NetweirError {
  return new NetweirError('invalid-combination', `${one} and ${other} exclude each other`, {
    remedy: 'Leave one.',
  });
}

function isAbout(what: string, form: string): NetweirError {
  return new NetweirError('invalid-request', `what these flags change is ${what}`, {
    remedy: `Name one, as ${form}.`,
  });
}
