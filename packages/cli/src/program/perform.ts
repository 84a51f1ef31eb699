import type { Command } from 'commander';
import type { Context } from '../context.ts';

/** Runs what a command does, with what every command is given. */
export type Perform = (
  command: Command,
  action: (context: Context) => Promise<number>,
) => Promise<void>;
