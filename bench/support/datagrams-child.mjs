/**
 * A process inside a namespace that sends numbered datagrams with the time of CLOCK_MONOTONIC, or receives them and
 * keeps their delays. They take the families' sockets by turns.
 */
import { createSocket } from 'node:dgram';
import { setTimeout } from 'node:timers/promises';

const PORT = 4000;
const HEADER_BYTES = 12;
const MS_PER_TURN = 1;

let sockets;
let arrivals = [];
let delays = [];
let numbers = [];

async function open(kind, addresses, families) {
  sockets = await Promise.all(
    families.map(
      (family) =>
        new Promise((resolve, reject) => {
          const socket = createSocket({ type: family === 'v4' ? 'udp4' : 'udp6' });
          socket.on('error', reject);
          const done = () => resolve(socket);
          if (kind === 'listen') socket.on('message', receive).bind(PORT, addresses[family], done);
          else socket.connect(PORT, addresses[family], done);
        }),
    ),
  );
}

function receive(message) {
  const [seconds, ns] = process.hrtime();
  const sentSeconds = message.readUInt32LE(4);
  const sentNs = message.readUInt32LE(8);
  numbers.push(message.readUInt32LE(0));
  delays.push((seconds - sentSeconds) * 1e9 + ns - sentNs);
  arrivals.push(seconds * 1e9 + ns);
}

/** Sends `count` datagrams of `bytes` each, evenly, as far as timers of a millisecond allow. */
async function send({ count, perSecond, bytes }) {
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < count; ) {
    const elapsedNs = Number(process.hrtime.bigint() - start);
    const due = Math.min(count, 1 + Math.floor((elapsedNs * perSecond) / 1e9));
    while (sent < due) sendOne(sent++, bytes);
    await setTimeout(MS_PER_TURN);
  }
}

function sendOne(number, bytes) {
  const message = Buffer.alloc(Math.max(bytes, HEADER_BYTES));
  message.writeUInt32LE(number, 0);
  const [seconds, ns] = process.hrtime();
  message.writeUInt32LE(seconds, 4);
  message.writeUInt32LE(ns, 8);
  sockets[number % sockets.length].send(message);
}

function report() {
  const result = {
    numbers: Int32Array.from(numbers),
    delaysNs: Float64Array.from(delays),
    arrivalsNs: Float64Array.from(arrivals),
  };
  [numbers, delays, arrivals] = [[], [], []];
  return result;
}

const actions = {
  listen: ({ addresses, families }) => open('listen', addresses, families),
  connect: ({ addresses, families }) => open('connect', addresses, families),
  send,
  report,
};

process.on('disconnect', () => process.exit());
process.on('message', async (command) => {
  const answer = await actions[command.action](command);
  process.send(answer ?? null);
});
