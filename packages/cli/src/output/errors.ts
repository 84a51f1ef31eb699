import { NetweirError, problemOf } from '@netweir/api';
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { asNetweirError } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import { printJson } from './json.ts';
import { printable } from './text.ts';

/** Shows the error that ended a command, and gives the exit code for it. */
export function reportError(error: unknown, terminal: Terminal, json: boolean): number {
  const shown = error instanceof CommanderError ? usageError(error.message) : asNetweirError(error);
  if (json) printJson(terminal, problemOf(shown));
  else printError(terminal, shown);
  return shown.exitCode;
}

/** An error in words: what failed (`about` says where), and behind an arrow what to do about it. */
export function printError(terminal: Terminal, error: NetweirError, about?: string): void {
  const colors = pc.createColors(terminal.errorColors);
  const { remedy } = error;
  // The message of a wrong field repeats the remedy, for readers who see only the message.
  const repeated = remedy !== undefined && error.message.endsWith(`: ${remedy}`);
  const message = repeated ? error.message.slice(0, -remedy.length - 2) : error.message;
  const text = about === undefined ? message : `${about}: ${message}`;
  terminal.err(`${colors.red('netweir:')} ${printable(text)}\n`);
  if (remedy !== undefined) terminal.err(`  ${colors.dim('→')} ${printable(remedy)}\n`);
  if (error.code === 'internal' && error.cause instanceof Error && error.cause.stack) {
    terminal.err(`${colors.dim(printable(error.cause.stack))}\n`);
  }
}

/** Commander writes `error: unknown option '--dealy'\n(Did you mean --delay?)`. */
function usageError(text: string): NetweirError {
  const [first = '', ...rest] = text.replace(/^error: /u, '').split('\n');
  const hint = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/u, '$1');
  return new NetweirError('invalid-request', first, {
    remedy: hint === '' ? 'See `netweir --help`.' : hint,
  });
}
