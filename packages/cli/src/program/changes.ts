import type { Command } from 'commander';
import { IMPAIRMENT_OPTIONS, type ImpairmentFlags } from '../impairment-options.ts';
import type { PlaceFlags, SelectionFlags } from '../selection-options.ts';
import { TRAFFIC_OPTIONS, type TrafficFlags } from '../traffic-options.ts';
import type { Perform } from './perform.ts';
import { addPlace, addSelectors, TARGETS } from './selectors.ts';

const SET_HELP = `${TARGETS}

set REPLACES what netweir did there before, in both directions: the flags of one call are all that
is in force after it (so --ingress alone ends what was there on egress), and the same call twice
changes nothing. A running impairment is changed in place.
The userspace engine, which needs no kernel module, runs in the daemon; without a daemon it runs in
this command. With it or with --for, and no daemon, the command stays in the foreground until the
end of --for or Ctrl+C, and restores then.
With --to, --port and the like what is set is for that part of the traffic, in addition to what is in
force: it takes the place of the rule with the same flags, or comes behind the other rules, of which
the first that a packet matches is the one. --exclude lets that part pass untouched.
With --json and several interfaces the answer is a list with a report or a problem for each.`;

const CLEAR_HELP = `${TARGETS}

With --to, --port and the like only the rule that was set with the same flags ends.`;

/** Adds the commands that change interfaces. */
export function addChanges(program: Command, perform: Perform): void {
  addSet(program, perform);
  addConfirm(program, perform);
  addClear(program, perform);
  addLink(program, perform);
  program
    .command('restore')
    .description('put back everything that netweir has changed')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/restore.ts')).restore(context),
      ),
    );
}

function addSet(program: Command, perform: Perform): void {
  const set = program
    .command('set')
    .description('impair what interfaces send, or receive')
    .argument('[targets...]')
    .addHelpText('after', SET_HELP);
  for (const [flags, description] of IMPAIRMENT_OPTIONS) set.option(flags, description);
  for (const [flags, description] of TRAFFIC_OPTIONS) set.option(flags, description);
  set.option('--exclude', 'let that part of the traffic pass untouched, both ways');
  addPlace(addSelectors(set)).action(
    (targets: string[], flags: ImpairmentFlags & PlaceFlags, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/set.ts')).set(context, targets, flags),
      ),
  );
}

function addConfirm(program: Command, perform: Perform): void {
  const confirm = program
    .command('confirm')
    .description('make a provisional change last, which would end after 30 s')
    .argument('[targets...]')
    .addHelpText('after', TARGETS);
  addPlace(addSelectors(confirm)).action((targets: string[], flags: PlaceFlags, command: Command) =>
    perform(command, async (context) =>
      (await import('../commands/confirm.ts')).confirm(context, targets, flags),
    ),
  );
}

function addClear(program: Command, perform: Perform): void {
  const clear = program
    .command('clear')
    .description('take impairments off and put the originals back')
    .argument('[targets...]')
    .option('--all', 'everywhere')
    .option('--replace', 'even where somebody else has changed what netweir had set')
    .addHelpText('after', CLEAR_HELP);
  for (const [flags, description] of TRAFFIC_OPTIONS) clear.option(flags, description);
  addPlace(addSelectors(clear)).action(
    (
      targets: string[],
      flags: PlaceFlags & TrafficFlags & { all?: true; replace?: true },
      command: Command,
    ) =>
      perform(command, async (context) =>
        (await import('../commands/clear.ts')).clear(context, targets, flags),
      ),
  );
}

function addLink(program: Command, perform: Perform): void {
  const link = program
    .command('link')
    .usage('up|down [targets...]')
    .description('take interfaces up or down');
  for (const state of ['up', 'down'] as const) {
    const command = link
      .command(state)
      .description(`take interfaces ${state}`)
      .argument('[targets...]')
      .addHelpText('after', TARGETS);
    addSelectors(command).action((targets: string[], flags: SelectionFlags, self: Command) =>
      perform(self, async (context) =>
        (await import('../commands/link.ts')).link(context, state, targets, flags),
      ),
    );
  }
}
