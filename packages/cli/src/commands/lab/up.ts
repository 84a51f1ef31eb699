import { basename, extname } from 'node:path';
import {
  createClient,
  type LabFile,
  LabName,
  type LabSummary,
  type Netweir,
  NetweirError,
} from '@netweir/api';
import type { DaemonOptions } from '@netweir/daemon';
import { daemonListens } from '../../connect.ts';
import { type Context, isOrdinaryUser } from '../../context.ts';
import { follow } from '../../follow.ts';
import { catchInterrupts } from '../../interruption.ts';
import { printJson } from '../../output/json.ts';
import { renderLab } from '../../output/lab.ts';
import { renderPlan } from '../../output/lab-plan.ts';
import { printable } from '../../output/text.ts';
import { prepareSocketFolder } from '../../user-labs.ts';
import { parsePort, printWhere, serve } from '../up.ts';
import { noDaemon } from './of-daemon.ts';

export interface UpFlags {
  readonly name?: string;
  readonly detach?: true;
  readonly dryRun?: true;
  readonly port: string;
}

/** A lab to be made. */
interface Wanted {
  readonly name: string;
  readonly file: LabFile;
}

/** `netweir lab up FILE` */
export async function labUp(context: Context, path: string, flags: UpFlags): Promise<number> {
  const { terminal, json, locations } = context;
  const { readLab } = await import('@netweir/daemon');
  const { file, plan } = await readLab(path);
  const wanted = { name: nameOf(path, file, flags.name), file };
  if (flags.dryRun) {
    const named = { ...plan, name: wanted.name };
    if (json) printJson(terminal, named);
    else terminal.out(renderPlan(named));
    return 0;
  }
  if (await daemonListens(locations.socketPath)) return await handOver(context, wanted, flags);
  if (flags.detach) throw noDaemon();
  const port = parsePort(flags.port);
  const socket = await becomeRoot(context, port);
  await runHere(context, wanted, socket === undefined ? port : { fd: socket });
  return 0;
}

/** The daemon makes the lab; without `--detach` it is taken down with the command. */
async function handOver(
  context: Context,
  { name, file }: Wanted,
  { detach }: UpFlags,
): Promise<number> {
  const { terminal } = context;
  await using connection = await context.connect();
  const { netweir } = connection;
  const before = (await netweir.labs()).some((lab) => lab.name === name);
  using interruption = catchInterrupts(terminal);
  await show(context, netweir, await netweir.putLab(name, file));
  if (before) terminal.err(printable(`netweir: lab ${name} runs already, and stays as it is\n`));
  if (detach || before) return 0;
  terminal.err(`netweir: Ctrl+C takes the lab down\n`);
  const removed = new AbortController();
  await follow(
    netweir,
    (message) => {
      if (message.type === 'snapshot') return;
      const isIt = message.changes.some((one) => one.type === 'lab-removed' && one.name === name);
      if (isIt) removed.abort();
    },
    AbortSignal.any([interruption.signal, removed.signal]),
  );
  if (removed.signal.aborted) terminal.err(printable(`netweir: lab ${name} was taken down\n`));
  else await netweir.deleteLab(name);
  return 0;
}

/** Where this is an ordinary user's the command is run again, as root of what it makes; gives its page's socket. */
async function becomeRoot({ locations }: Context, port: number): Promise<number | undefined> {
  const { socketPath, stateDirectory } = locations;
  if (isOrdinaryUser()) prepareSocketFolder(socketPath);
  const { becomeLabRoot } = await import('@netweir/daemon');
  return await becomeLabRoot(port, { NETWEIR_SOCKET: socketPath, NETWEIR_STATE: stateDirectory });
}

/** The lab and the daemon that keeps it both end with the command. */
async function runHere(
  context: Context,
  { name, file }: Wanted,
  page: DaemonOptions['port'],
): Promise<void> {
  const { unixSocketTransport } = await import('@netweir/api/node');
  await serve(context, page, {}, async (info) => {
    const netweir = createClient(unixSocketTransport(info.socketPath));
    const summary = await netweir.putLab(name, file);
    await show(context, netweir, summary, { url: info.url, socketPath: info.socketPath });
    if (!context.json) printWhere(context.terminal, info);
    context.terminal.err('netweir: Ctrl+C takes the lab down and ends the daemon\n');
  });
}

async function show(
  { terminal, json }: Context,
  netweir: Netweir,
  summary: LabSummary,
  more: object = {},
): Promise<void> {
  for (const warning of summary.warnings) terminal.err(printable(`netweir: ${warning}\n`));
  if (json) printJson(terminal, { ...summary, ...more });
  else terminal.out(renderLab(await netweir.lab(summary.name), terminal));
}

/** @throws NetweirError `invalid-request` */
function nameOf(path: string, { name: ofFile }: LabFile, flag: string | undefined): string {
  const name = flag ?? ofFile ?? basename(path, extname(path));
  if (LabName.safeParse(name).success) return name;
  throw new NetweirError('invalid-request', `"${name}" cannot be the name of a lab`, {
    remedy: 'Give one of letters, digits and hyphens with --name.',
  });
}
