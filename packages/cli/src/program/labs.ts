import { type Command, Option } from 'commander';
import type { GraphFormat } from '../commands/lab/graph.ts';
import type { LabSetFlags } from '../commands/lab/set.ts';
import type { UpFlags } from '../commands/lab/up.ts';
import { IMPAIRMENT_OPTIONS } from '../impairment-options.ts';
import type { Perform } from './perform.ts';
import { collect } from './selectors.ts';

const LAB_HELP = `
A lab is a network of namespaces in which real programs run. A daemon keeps it; each of its nodes is a
space, lab:LAB/NODE, for all other commands, too.`;

const UP_HELP = `
FILE is in TOML. Where no daemon runs, it runs in this command until Ctrl+C, with the lab and the page.
Otherwise the daemon keeps the lab: until Ctrl+C, or with --detach until \`netweir lab down\`.`;

const SET_HELP = `
TARGET is LAB/NODE/INTERFACE, LAB/NODE or, of links between regions, LAB. Conditions are those of the
interface's link, both ways if neither --egress nor --ingress is given, and replace those that it had.`;

/** Flags of \`netweir set\` that mean something else here, or nothing. */
const NOT_OF_LABS = ['--ingress', '--both', '--engine <name>', '--for <time>'];

/** Adds the commands about labs. */
export function addLabs(program: Command, perform: Perform): void {
  const lab = program
    .command('lab')
    .usage('up|ls|show|exec|shell|set|graph|down')
    .description('networks of namespaces in which real programs run')
    .addHelpText('after', LAB_HELP);
  addUp(lab, perform);
  addQueries(lab, perform);
  addPrograms(lab, perform);
  addSet(lab, perform);
  lab
    .command('down')
    .description('take a lab down, with all that runs in it')
    .argument('<lab>')
    .action((name: string, _options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/lab/down.ts')).labDown(context, name),
      ),
    );
}

function addUp(lab: Command, perform: Perform): void {
  lab
    .command('up')
    .description('make a lab of a file')
    .argument('<file>')
    .option('--name <name>', "the lab's; the one in the file, or the file's own, if absent")
    .option('--detach', 'leave it to the daemon, and end')
    .option('--dry-run', 'check the file, print what would be made, and make nothing')
    .option('--port <number>', 'as of `netweir up`, where no daemon runs', '7878')
    .addHelpText('after', UP_HELP)
    .action((file: string, flags: UpFlags, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/lab/up.ts')).labUp(context, file, flags),
      ),
    );
}

function addQueries(lab: Command, perform: Perform): void {
  lab
    .command('ls')
    .description('the labs that run')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) => (await import('../commands/lab/ls.ts')).labLs(context)),
    );
  lab
    .command('show')
    .description('a lab as it is: nodes, addresses, NAT, conditions')
    .argument('<lab>')
    .action((name: string, _options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/lab/show.ts')).labShow(context, name),
      ),
    );
  lab
    .command('graph')
    .description('how the nodes of a lab are connected')
    .argument('<lab>')
    .addOption(
      new Option('--format <format>', 'a Mermaid flowchart, an image, or nodes and edges')
        .choices(['mermaid', 'svg', 'json'])
        .default('mermaid'),
    )
    .action((name: string, { format }: { format: GraphFormat }, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/lab/graph.ts')).labGraphCommand(context, name, format),
      ),
    );
}

function addPrograms(lab: Command, perform: Perform): void {
  lab
    .command('exec')
    .description('run a command in a node')
    .usage('<lab/node> -- <command...>')
    .argument('<lab/node>')
    .argument('<command...>')
    .action((node: string, line: [string, ...string[]], _options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/lab/exec.ts')).labExec(context, node, line),
      ),
    );
  lab
    .command('shell')
    .description('run your shell in a node')
    .argument('<lab/node>')
    .action((node: string, _options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/lab/exec.ts')).labShell(context, node),
      ),
    );
}

function addSet(lab: Command, perform: Perform): void {
  const set = lab
    .command('set')
    .description('change a running lab')
    .argument('<target>')
    .option('--up', 'the link of the interface')
    .option('--down', 'the link of the interface')
    .option('--default', "make the device's default routes lead through the interface")
    .option('--mtu <bytes>', 'of both ends of the link')
    .option('--renew', 'other addresses of the same network')
    .option('--replug <router>', 'connect the interface to another router')
    .option('--plug <router>', 'make the interface, at this router')
    .option('--add-address <address>', 'such as 10.0.1.200/24', collect)
    .option('--remove-address <address>', 'that was added', collect)
    .option('--condition <name>', 'of the link: wifi, mobile-3g and so on, or none')
    .option('--egress', 'only what the interface sends')
    .option('--ingress', 'only what it receives')
    .option('--nat <kind>', 'of IPv4: none, home, cgnat, corporate and so on')
    .option('--nat-v6 <kind>', 'none, nptv6, masquerade or nat64')
    .option('--flush-nat', 'forget all translated connections')
    .option('--firewall <kind>', 'none, block-inbound, corporate or captive-portal')
    .addOption(
      new Option(
        '--block-frag-needed <yes|no>',
        'whether senders are not told of a smaller MTU',
      ).choices(['yes', 'no']),
    )
    .option('--uplink <router>', 'move the router, with what is behind it, to another, or to ix')
    .option('--remove', 'the interface, the node, or the link between regions')
    .option('--between <region/region>', 'their link: --up, --down, --remove, or conditions')
    .option('--blackhole', 'break the link between regions so that packets are lost')
    .addHelpText('after', SET_HELP);
  for (const [flags, description] of IMPAIRMENT_OPTIONS) {
    if (!NOT_OF_LABS.includes(flags)) set.option(flags, description);
  }
  set.action((target: string, flags: LabSetFlags, command: Command) =>
    perform(command, async (context) =>
      (await import('../commands/lab/set.ts')).labSet(context, target, flags),
    ),
  );
}
