/**
 * Lets an ordinary user have labs: `node --import @netweir/lab/unprivileged program.js`. Runs this very
 * command line again as the root of a user namespace of its own, in which it may make networks, and ends
 * as that one does. That process sees no network but its labs. Where it is root already, this does
 * nothing.
 */
import { isMainThread } from 'node:worker_threads';

// Workers are given the same options, and are what their process is.
if (isMainThread) {
  const { becomeRoot } = await import('./become-root.ts');
  await becomeRoot([process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
}
