import type { Command } from 'commander';
import { IMPAIRMENT_OPTIONS, type ImpairmentFlags } from '../impairment-options.ts';
import type { RuleFlags } from '../selection-options.ts';
import type { Perform } from './perform.ts';
import { collect } from './selectors.ts';

const SET_HELP = `
A rule impairs the interfaces of every container that has all that its --match flags ask for, those
that are there and those that are to come, and replaces a rule of the same name. * and ? in a match
stand for any characters and any one. It lasts as long as the daemon runs; rules that are to last
longer are written in /etc/netweir/config.json5.`;

/** Adds the commands about rules for containers. */
export function addRules(program: Command, perform: Perform): void {
  program
    .command('rules')
    .description('the rules for containers')
    .action((_options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/rules.ts')).listRules(context),
      ),
    );
  const rule = program
    .command('rule')
    .usage('set|delete <name>')
    .description('impair containers that are there and that are to come');
  addSet(rule, perform);
  rule
    .command('delete')
    .description('end a rule, and put back what it has changed')
    .argument('<name>')
    .action((name: string, _options: unknown, command: Command) =>
      perform(command, async (context) =>
        (await import('../commands/rules.ts')).deleteRule(context, name),
      ),
    );
}

function addSet(rule: Command, perform: Perform): void {
  const set = rule
    .command('set')
    .description('put a rule in force')
    .argument('<name>')
    .option('--match-name <glob>', 'containers of this name')
    .option('--match-image <glob>', 'of this image')
    .option('--match-network <glob>', 'their interfaces in this network')
    .option('--match-project <glob>', 'of this compose project')
    .option('--match-service <glob>', 'of this compose service')
    .option('--match-pod <namespace/name>', 'of this pod')
    .option('--match-label <label>', 'with it, such as app=w*; repeatable', collect)
    .option('--interface <glob>', 'their interfaces of this name; all but lo if absent')
    .addHelpText('after', SET_HELP);
  for (const [flags, description] of IMPAIRMENT_OPTIONS) set.option(flags, description);
  set.action((name: string, flags: RuleFlags & ImpairmentFlags, command: Command) =>
    perform(command, async (context) =>
      (await import('../commands/rules.ts')).setRule(context, name, flags),
    ),
  );
}
