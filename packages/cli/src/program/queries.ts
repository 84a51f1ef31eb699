import type { Command } from 'commander';
import type { MeasureFlags } from '../commands/measure.ts';
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
  addMeasure(program, perform);
  program
    .command('doctor')
    .description('can this host do it? if not, why, and what to do')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) => (await import('../commands/doctor.ts')).doctor(context)),
    );
}

const MEASURE_HELP = `
FROM is a space or [SPACE/]INTERFACE, by which packets leave then. TO is a space, written with its
kind (docker:web, netns:server/eth0, host), in which netweir answers itself: then each direction is
measured by itself. Or it is any other host: 192.0.2.7, example.org:443 (ICMP echo, and TCP
connections to the port); then only round trips are.
Where something is set on the way, it is set against what was achieved. The exit code is 1 where that
differs, and 0 where it is as set or there is too little to tell by.`;

function addMeasure(program: Command, perform: Perform): void {
  program
    .command('measure')
    .description('delay, loss and throughput between two ends, against what is set on the way')
    .argument('<from>')
    .argument('<to>')
    .option('--duration <time>', 'from 1s to 1m; 5s if absent')
    .option('--throughput', 'measure it even if no rate is set on the way, which fills it')
    .option('--no-throughput', 'do not measure it, even if a rate is set')
    .addHelpText('after', MEASURE_HELP)
    .action((from: string, to: string, flags: MeasureFlags, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/measure.ts')).measure(context, from, to, flags),
      ),
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
