/**
 * A process inside a namespace that sends numbered datagrams with the time of CLOCK_MONOTONIC, or receives them and
 * keeps their delays. Those of even numbers travel by IPv4, the others by IPv6.
 */
import { createSocket } from 'node:dgram';

const PORT = 4000;
const HEADER_BYTES = 12;
const MS_PER_TURN = 1;

let sockets;
let arrivals = [];
let delays = [];
let numbers = [];

async function open(kind, addresses) {
  sockets = await Promise.all(
    ['v4', 'v6'].map(
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
  const { promise, resolve } = Promise.withResolvers?.() ?? deferred();
  let sent = 0;
  const turn = () => {
    const elapsedNs = Number(process.hrtime.bigint() - start);
    const due = Math.min(count, 1 + Math.floor((elapsedNs * perSecond) / 1e9));
    while (sent < due) sendOne(sent++, bytes);
    if (sent < count) setTimeout(turn, MS_PER_TURN);
    else resolve();
  };
  turn();
  await promise;
}

function sendOne(number, bytes) {
  const message = Buffer.alloc(Math.max(bytes, HEADER_BYTES));
  message.writeUInt32LE(number, 0);
  const [seconds, ns] = process.hrtime();
  message.writeUInt32LE(seconds, 4);
  message.writeUInt32LE(ns, 8);
  sockets[number & 1].send(message);
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
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
  listen: ({ addresses }) => open('listen', addresses),
  connect: ({ addresses }) => open('connect', addresses),
  send,
  report,
  count: () => numbers.length,
};

process.on('message', async (command) => {
  process.send(await actions[command.action](command));
});
