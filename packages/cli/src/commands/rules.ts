import { type ContainerMatch, type Netweir, NetweirError } from '@netweir/api';
import type { Connection } from '../connect.ts';
import { containerMatchOf } from '../container-match.ts';
import type { Context } from '../context.ts';
import { impairmentOf, sayLeftOut } from '../flags.ts';
import type { ImpairmentFlags } from '../impairment-options.ts';
import { printJson } from '../output/json.ts';
import { renderRules, ruleLine } from '../output/rules.ts';
import { printable } from '../output/text.ts';
import type { RuleFlags } from '../selection-options.ts';

/** `netweir rules` */
export async function listRules(context: Context): Promise<number> {
  await using connection = await context.connect();
  const rules = await ofDaemon(connection).rules();
  if (context.json) printJson(context.terminal, rules);
  else context.terminal.out(renderRules(rules, context.terminal));
  return 0;
}

/** `netweir rule set NAME --match-name GLOB FLAGS` */
export async function setRule(
  context: Context,
  name: string,
  flags: RuleFlags & ImpairmentFlags,
): Promise<number> {
  const rule = {
    match: matchOf(flags),
    ...(flags.interface !== undefined && { interface: flags.interface }),
    impairment: impairmentOf(flags),
  };
  sayLeftOut(context.terminal, flags);
  await using connection = await context.connect();
  const put = await ofDaemon(connection).putRule(name, rule);
  if (context.json) printJson(context.terminal, put);
  else context.terminal.out(ruleLine(put));
  return 0;
}

/** `netweir rule delete NAME` */
export async function deleteRule(context: Context, name: string): Promise<number> {
  await using connection = await context.connect();
  await ofDaemon(connection).deleteRule(name);
  if (context.json) printJson(context.terminal, { name });
  else context.terminal.out(printable(`rule ${name}: deleted\n`));
  return 0;
}

function matchOf(flags: RuleFlags): ContainerMatch {
  const match = containerMatchOf({
    name: flags.matchName,
    image: flags.matchImage,
    network: flags.matchNetwork,
    project: flags.matchProject,
    service: flags.matchService,
    pod: flags.matchPod,
    labels: flags.matchLabel,
  });
  if (match) return match;
  throw new NetweirError('invalid-request', 'a rule needs to be told which containers it is for', {
    remedy: "Add a flag such as --match-name 'web-*'; --match-name '*' is all containers.",
  });
}

/** A command without a daemon ends, and nobody would look after containers that are to come. */
function ofDaemon({ netweir, via }: Connection): Netweir {
  if (via === 'daemon') return netweir;
  throw new NetweirError('daemon-unreachable', 'rules live in the daemon, and none runs', {
    remedy: 'Start it with `netweir up`; it also reads rules from /etc/netweir/config.json5.',
  });
}
