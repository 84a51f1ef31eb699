import type { Context } from '../../context.ts';
import { printJson } from '../../output/json.ts';
import { renderLab } from '../../output/lab.ts';
import { connectToDaemon, ofDaemon } from './of-daemon.ts';

/** `netweir lab show LAB` */
export async function labShow(context: Context, name: string): Promise<number> {
  const { terminal, json } = context;
  await using connection = await connectToDaemon(context);
  const state = await ofDaemon(connection).lab(name, { counters: json });
  if (json) printJson(terminal, state);
  else terminal.out(renderLab(state, terminal));
  return 0;
}
