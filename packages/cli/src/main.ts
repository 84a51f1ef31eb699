import { run } from './program.ts';
import { processTerminal } from './terminal.ts';

const code = await run(process.argv.slice(2), processTerminal());
// Writes to terminals, files and pipes are synchronous on Linux, so none is cut off; and a
// connection that the other side does not close cannot keep the command alive.
process.exit(code);
