import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { ExecFlags } from './commands/exec.ts';
import type { UpFlags } from './commands/up.ts';
import type { Connection } from './connect.ts';
import { isOrdinaryUser, type Locations, locationsOf } from './context.ts';
import { addChanges } from './program/changes.ts';
import { addLabs } from './program/labs.ts';
import type { Perform } from './program/perform.ts';
import { addQueries } from './program/queries.ts';
import { addRules } from './program/rules.ts';
import type { Terminal } from './terminal.ts';

/** How the command reaches netweir; tests put another one in. */
export type Connect = (where: Locations, daemon: boolean) => Promise<Connection>;

const EXEC_HELP = `
The command sees the space's interfaces, and the files and processes of this one: ping, tcpdump or
curl need not be in the container. Signals are passed on; the exit code is the command's, 128 and
the number of the signal that ended it, 126 or 127 if it cannot be started or found.`;

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 usage, 3 not permitted, 4 not supported by this kernel.
Environment: NETWEIR_SOCKET (the daemon's socket), NETWEIR_STATE (the journal), NO_COLOR.`;

/** Runs one command line and gives its exit code. Never rejects: errors are printed. */
export async function run(
  argv: readonly string[],
  terminal: Terminal,
  connect: Connect = async (where, daemon) => (await import('./connect.ts')).connect(where, daemon),
): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(terminal, async (command, action) => {
    const { json = false, daemon } = command.optsWithGlobals<{ json?: boolean; daemon: boolean }>();
    const forLabs = command.parent?.name() === 'lab';
    const locations = await locate(forLabs);
    const context = { terminal, json, locations, connect: () => connect(locations, daemon) };
    const code = forLabs ? undefined : await elsewhere(terminal, locations);
    exitCode = code ?? (await action(context));
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return await report(error, terminal, isJson(argv));
  }
}

async function locate(forLabs: boolean): Promise<Locations> {
  if (!isOrdinaryUser()) return locationsOf(process.env);
  return (await import('./user-labs.ts')).locationsOfUser(forLabs);
}

/** The exit code where an ordinary user's command line is run as the root of its containers. */
async function elsewhere(
  terminal: Terminal,
  { socketPath }: Locations,
): Promise<number | undefined> {
  const isRoot = process.geteuid?.() === 0 && process.env.NETWEIR_USER_NAMESPACE === undefined;
  return isRoot ? undefined : (await import('./rootless.ts')).runRootless(terminal, socketPath);
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

function buildProgram(terminal: Terminal, perform: Perform): Command {
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
  addRules(program, perform);
  addLabs(program, perform);
  addUp(program, perform);
  addExec(program, perform);
  return program;
}

function addUp(program: Command, perform: Perform): void {
  program
    .command('up')
    .description('run the daemon and its page until Ctrl+C; everything is restored then')
    .option('--port <number>', 'TCP port of the page and the API; 0 for any free one', '7878')
    .option('--no-guardian', 'no process beside it that restores everything where it is killed')
    .action((options: UpFlags, command: Command) =>
      perform(command, async (context) => (await import('./commands/up.ts')).up(context, options)),
    );
}

function addExec(program: Command, perform: Perform): void {
  program
    .command('exec')
    .description("run a command in a space's network namespace")
    .usage('[--userns] <space> -- <command...>')
    .argument('<space>')
    .argument('<command...>')
    .option('--userns', 'in the user namespace of its processes as well, as their root')
    .addOption(new Option('--entered <place>').hideHelp())
    .addOption(new Option('--node <place>').hideHelp())
    .addHelpText('after', EXEC_HELP)
    .action((space: string, line: [string, ...string[]], flags: ExecFlags, command: Command) =>
      perform(command, async (context) =>
        (await import('./commands/exec.ts')).exec(context, space, line, flags),
      ),
    );
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
