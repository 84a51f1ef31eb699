import type { Command } from 'commander';
import type { PlaceFlags, SelectionFlags } from '../selection-options.ts';
import type { Perform } from './perform.ts';
import { addPlace, addSelectors, TARGETS } from './selectors.ts';

/** Adds the commands that change nothing. */
export function addQueries(program: Command, perform: Perform): void {
  addLs(program, perform);
  const show = program
    .command('show')
    .description('settings as the kernel has them, counters, original and end, and the container')
    .argument('[targets...]')
    .addHelpText('after', TARGETS);
  addPlace(addSelectors(show)).action((targets: string[], flags: PlaceFlags, command: Command) =>
    perform(command, async (context) =>
      (await import('../commands/show.ts')).show(context, targets, flags),
    ),
  );
  program
    .command('graph')
    .description('how the interfaces are connected, as a Mermaid flowchart')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) => (await import('../commands/graph.ts')).graph(context)),
    );
  program
    .command('doctor')
    .description('can this host do it? if not, why, and what to do')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) => (await import('../commands/doctor.ts')).doctor(context)),
    );
}

function addLs(program: Command, perform: Perform): void {
  const ls = program
    .command('ls')
    .description('what is there, and what netweir does to it')
    .argument('[targets...]', 'only these')
    .option('--watch', 'follow changes and rates until Ctrl+C')
    .option('--stopped', 'containers that do not run, too')
    .addHelpText(
      'after',
      `${TARGETS}\n\nA narrow terminal gets fewer columns; --json has everything.`,
    );
  addSelectors(ls).action(
    (
      targets: string[],
      flags: SelectionFlags & { watch?: true; stopped?: true },
      command: Command,
    ) =>
      perform(command, async (context) =>
        flags.watch
          ? (await import('../commands/watch.ts')).watch(context, targets, flags)
          : (await import('../commands/ls.ts')).ls(context, targets, flags),
      ),
  );
}
