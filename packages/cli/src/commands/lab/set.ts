import type { LabChange, LabEvent } from '@netweir/api';
import type { Context } from '../../context.ts';
import { sayLeftOut } from '../../flags.ts';
import { printJson } from '../../output/json.ts';
import { eventLine } from '../../output/lab.ts';
import { changesOf, type LabSetFlags } from './changes.ts';
import { connectToDaemon, ofDaemon } from './of-daemon.ts';
import { parseLabTarget } from './target.ts';

export type { LabSetFlags } from './changes.ts';

/** `netweir lab set TARGET FLAGS` */
export async function labSet(context: Context, text: string, flags: LabSetFlags): Promise<number> {
  const { terminal, json } = context;
  const target = parseLabTarget(text);
  const changes: readonly LabChange[] = changesOf(target, flags);
  sayLeftOut(terminal, flags);
  await using connection = await connectToDaemon(context);
  const netweir = ofDaemon(connection);
  const all: LabEvent[] = [];
  for (const change of changes) {
    const events = await netweir.changeLab(target.lab, change);
    all.push(...events);
    if (!json) for (const event of events) terminal.out(eventLine(target.lab, event));
  }
  if (json) printJson(terminal, all);
  return 0;
}
