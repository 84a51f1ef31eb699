/**
 * Whether the userspace engine holds out: an hour of traffic through a delay and a loss, with its memory
 * and the delay that ping sees. `npm run bench -- soak [MINUTES] [PACKETS_PER_SECOND]`. Needs root.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { Impairer, Journal, probeAbilities } from '@netweir/impair';
import { addAddress, addVeth, getLink, NetworkNamespace, setLinkUp } from '@netweir/kernel';

const [minutes = 60, packetsPerSecond = 5000] = process.argv.slice(3).map(Number);
const DELAY_MS = 10;
const LOSS = 0.01;
const REPORTS = 60;

const SENDER = `
const socket = require('node:dgram').createSocket('udp4');
const packet = Buffer.alloc(200);
const perTick = ${packetsPerSecond} / 100;
setInterval(() => { for (let i = 0; i < perTick; i++) socket.send(packet, 7000, '10.58.0.2'); }, 10);
`;
const RECEIVER = `require('node:dgram').createSocket('udp4').on('message', () => {}).bind(7000);`;

const near = NetworkNamespace.anonymous();
const far = NetworkNamespace.anonymous();
const nearLink = near.netlink();
const farLink = far.netlink();
nearLink.request(addVeth({ name: 'v0' }, { name: 'v1', netnsFd: far.fd }));
for (const [netlink, name, address] of [
  [nearLink, 'v0', '10.58.0.1/24'],
  [farLink, 'v1', '10.58.0.2/24'],
]) {
  const [{ ifindex }] = netlink.query(getLink({ name }));
  netlink.request(addAddress({ ifindex, address }));
  netlink.request(setLinkUp({ ifindex }));
}

const directory = mkdtempSync(join(tmpdir(), 'netweir-soak-'));
const impairer = new Impairer({
  journal: new Journal(directory),
  abilities: probeAbilities,
  owner: 'command',
  onEngineFailure: (error) => {
    throw error;
  },
});
const [{ ifindex }] = nearLink.query(getLink({ name: 'v0' }));
const at = { space: 'soak', namespace: near, ifindex, interface: 'v0', netlink: nearLink };
const egress = {
  delay: { mean: `${DELAY_MS}ms` },
  loss: { model: 'random', probability: `${LOSS * 100}%` },
};
impairer.apply(at, { egress, engine: 'userspace' }, undefined);

const children = [
  far.spawn(process.execPath, ['-e', RECEIVER], { stdio: 'ignore' }),
  near.spawn(process.execPath, ['-e', SENDER], { stdio: 'ignore' }),
  near.spawn('ping', ['-i', '0.2', '10.58.0.2'], { stdio: ['ignore', 'pipe', 'ignore'] }),
];
let rtts = [];
createInterface({ input: children[2].stdout }).on('line', (line) => {
  const ms = Number(/time=([\d.]+)/.exec(line)?.[1]);
  if (ms > 0) rtts.push(ms);
});

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const rows = [];
console.log('minute  packets sent     lost  queued  RTT median ms  resident MB');
try {
  for (let report = 1; report <= REPORTS; report++) {
    await setTimeout((minutes * 60_000) / REPORTS);
    const counters = impairer.report(at).egressCounters;
    const row = { rttMs: median(rtts), rssMb: process.memoryUsage.rss() / 1e6, ...counters };
    rows.push(row);
    rtts = [];
    console.log(
      `${((minutes * report) / REPORTS).toFixed(1).padStart(6)} ${String(row.sentPackets).padStart(13)} ${String(row.droppedPackets).padStart(8)} ${String(row.queuedPackets).padStart(7)} ${row.rttMs.toFixed(3).padStart(14)} ${row.rssMb.toFixed(1).padStart(12)}`,
    );
  }
} finally {
  for (const child of children) child.kill();
  impairer.clear(at);
  await impairer.close();
  rmSync(directory, { recursive: true });
}

const quarter = Math.floor(rows.length / 4);
const early = rows.slice(quarter, 2 * quarter);
const late = rows.slice(-quarter);
const drift = median(late.map((row) => row.rttMs)) - median(early.map((row) => row.rttMs));
const growth = median(late.map((row) => row.rssMb)) / median(early.map((row) => row.rssMb)) - 1;
const { sentPackets, droppedPackets } = rows.at(-1);
const lossShare = droppedPackets / (sentPackets + droppedPackets);
console.log(`\ndrift of the delay from the second quarter to the last: ${drift.toFixed(3)} ms`);
console.log(`growth of memory between the same: ${(growth * 100).toFixed(1)} %`);
console.log(`loss: ${(lossShare * 100).toFixed(3)} % of ${sentPackets + droppedPackets} packets`);
if (Math.abs(drift) > 0.3 || growth > 0.1) process.exitCode = 1;
