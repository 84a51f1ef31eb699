import type { CommandLine } from '@netweir/daemon';
import type { Context } from '../../context.ts';
import { exec } from '../exec.ts';
import { nodeSpace } from './target.ts';

/** `netweir lab exec LAB/NODE -- COMMAND` */
export async function labExec(
  context: Context,
  node: string,
  command: CommandLine,
): Promise<number> {
  return await exec(context, nodeSpace(node), command, {});
}

/** `netweir lab shell LAB/NODE`: the user's own, whose prompt says where it is. */
export async function labShell(context: Context, node: string): Promise<number> {
  const space = nodeSpace(node);
  const { SHELL } = context.locations.environment;
  const place = `(${space}) `;
  return await exec(context, space, [SHELL || '/bin/sh'], {
    environment: {
      NETWEIR_SPACE: space,
      PS1: `${place}\\$ `,
      // Files that bash reads at its start set PS1 anew.
      PROMPT_COMMAND: `PS1="${place}\${PS1#"${place}"}"`,
    },
  });
}
