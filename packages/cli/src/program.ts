import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { Connection } from './connect.ts';
import { type Context, type Locations, locationsOf } from './context.ts';
import { IMPAIRMENT_OPTIONS, type ImpairmentFlags } from './impairment-options.ts';
import type { Terminal } from './terminal.ts';

/** How the command reaches netweir; tests put another one in. */
export type Connect = (where: Locations, daemon: boolean) => Promise<Connection>;

type Run = (context: Context) => Promise<number>;

const TARGETS = `
A target is [SPACE/]INTERFACE: eth0, netns:client/eth0, netns:lab-*/eth0. A space is host (if
absent) or netns:NAME; a space alone means all of its interfaces but lo.`;

const SET_HELP = `${TARGETS}

set REPLACES what netweir did there before, in both directions: the flags of one call are all that
is in force after it (so --ingress alone ends what was there on egress), and the same call twice
changes nothing. A running impairment is changed in place.
The userspace engine, which needs no kernel module, runs in the daemon; without a daemon it runs in
this command. With it or with --for, and no daemon, the command stays in the foreground until the
end of --for or Ctrl+C, and restores then.
With --json and several interfaces the answer is a list with a report or a problem for each.`;

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 usage, 3 not permitted, 4 not supported by this kernel.
Environment: NETWEIR_SOCKET (the daemon's socket), NETWEIR_STATE (the journal), NO_COLOR.`;

/** Runs one command line and gives its exit code. Never rejects: errors are printed. */
export async function run(
  argv: readonly string[],
  terminal: Terminal,
  connect: Connect = async (where, daemon) => (await import('./connect.ts')).connect(where, daemon),
): Promise<number> {
  const locations = locationsOf(process.env);
  let exitCode = 0;
  const program = buildProgram(terminal, async (command, action) => {
    const { json = false, daemon } = command.optsWithGlobals<{ json?: boolean; daemon: boolean }>();
    const context = { terminal, json, locations, connect: () => connect(locations, daemon) };
    exitCode = await action(context);
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return await report(error, terminal, isJson(argv));
  }
}

async function report(error: unknown, terminal: Terminal, json: boolean): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // Called without a command: its help has been printed.
    if (error.code === 'commander.help') return 2;
  }
  const { reportError } = await import('./output/errors.ts');
  return reportError(error, terminal, json);
}

/** Commander stops at the first wrong word and has not seen what follows it. */
function isJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

function buildProgram(
  terminal: Terminal,
  perform: (command: Command, action: Run) => Promise<void>,
): Command {
  const program = new Command('netweir')
    .description('See, impair and restore the network interfaces of this host.')
    .option('--json', 'answer as the API does, in JSON')
    .option('--no-daemon', 'do it in this process, even if a daemon runs')
    .version(version(), '--version')
    .addHelpText('after', EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.size()?.columns ?? 100,
      getErrHelpWidth: () => terminal.size()?.columns ?? 100,
    })
    .exitOverride();
  addQueries(program, perform);
  addChanges(program, perform);
  addUp(program, perform);
  return program;
}

type Perform = (command: Command, action: Run) => Promise<void>;

function addUp(program: Command, perform: Perform): void {
  program
    .command('up')
    .description('run the daemon and its page until Ctrl+C; everything is restored then')
    .option('--port <number>', 'TCP port of the page and the API; 0 for any free one', '7878')
    .action((options: { port: string }, command: Command) =>
      perform(command, async (context) => (await import('./commands/up.ts')).up(context, options)),
    );
}

function addQueries(program: Command, perform: Perform): void {
  program
    .command('ls')
    .description('what is there, and what netweir does to it')
    .argument('[targets...]', 'only these')
    .option('--watch', 'follow changes and rates until Ctrl+C')
    .addHelpText(
      'after',
      `${TARGETS}\n\nA narrow terminal gets fewer columns; --json has everything.`,
    )
    .action((targets: string[], options: { watch?: true }, command: Command) =>
      perform(command, async (context) =>
        options.watch
          ? (await import('./commands/watch.ts')).watch(context, targets)
          : (await import('./commands/ls.ts')).ls(context, targets),
      ),
    );
  program
    .command('show')
    .description('settings as the kernel has them, counters, original and end')
    .argument('<targets...>')
    .addHelpText('after', TARGETS)
    .action((targets: string[], _options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('./commands/show.ts')).show(context, targets),
      ),
    );
  program
    .command('doctor')
    .description('can this host do it? if not, why, and what to do')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) => (await import('./commands/doctor.ts')).doctor(context)),
    );
}

function addChanges(program: Command, perform: Perform): void {
  const set = program
    .command('set')
    .description('impair what interfaces send, or receive')
    .argument('<targets...>')
    .addHelpText('after', SET_HELP);
  for (const [flags, description] of IMPAIRMENT_OPTIONS) set.option(flags, description);
  set.action((targets: string[], flags: ImpairmentFlags, command: Command) =>
    perform(command, async (context) =>
      (await import('./commands/set.ts')).set(context, targets, flags),
    ),
  );
  program
    .command('clear')
    .description('take impairments off and put the originals back')
    .argument('[targets...]')
    .option('--all', 'everywhere')
    .addHelpText('after', TARGETS)
    .action((targets: string[], options: { all?: true }, command: Command) =>
      perform(command, async (context) =>
        (await import('./commands/clear.ts')).clear(context, targets, options.all === true),
      ),
    );
  const link = program
    .command('link')
    .usage('up|down <targets...>')
    .description('take interfaces up or down');
  for (const state of ['up', 'down'] as const) {
    link
      .command(state)
      .description(`take interfaces ${state}`)
      .argument('<targets...>')
      .addHelpText('after', TARGETS)
      .action((targets: string[], _options: unknown, command: Command) =>
        perform(command, async (context) =>
          (await import('./commands/link.ts')).link(context, state, targets),
        ),
      );
  }
  program
    .command('restore')
    .description('put back everything that netweir has changed')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) => (await import('./commands/restore.ts')).restore(context)),
    );
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
