import type { Context } from '../../context.ts';
import { printJson } from '../../output/json.ts';
import { renderLabs } from '../../output/lab.ts';
import { connectToDaemon, ofDaemon } from './of-daemon.ts';

/** `netweir lab ls` */
export async function labLs(context: Context): Promise<number> {
  await using connection = await connectToDaemon(context);
  const labs = await ofDaemon(connection).labs();
  if (context.json) printJson(context.terminal, labs);
  else context.terminal.out(renderLabs(labs, context.terminal));
  return 0;
}
