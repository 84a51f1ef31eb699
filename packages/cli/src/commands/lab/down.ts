import type { Context } from '../../context.ts';
import { printJson } from '../../output/json.ts';
import { printable } from '../../output/text.ts';
import { connectToDaemon, ofDaemon } from './of-daemon.ts';

/** `netweir lab down LAB` */
export async function labDown(context: Context, name: string): Promise<number> {
  await using connection = await connectToDaemon(context);
  await ofDaemon(connection).deleteLab(name);
  if (context.json) printJson(context.terminal, { name });
  else context.terminal.out(printable(`lab ${name}: down\n`));
  return 0;
}
