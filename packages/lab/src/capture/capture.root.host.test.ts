import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pings, until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { captureFile, tcpdump } from './capture.test-support.ts';

// tcpdump does not capture as root of a user namespace.
test('A capture has the same 1,000 packets as a capture of tcpdump beside it', async (t) => {
  await using lab = await Lab.create();
  const laptop = lab.device('laptop', { uplink: lab.router('home') });
  const server = lab.device('server', { uplink: lab.router('far') });
  const path = captureFile(t);
  const theirs = `${path}.tcpdump`;
  // With its own snap length it would drop packets: its queue has room for as many times that.
  const options = [
    '-Z',
    'root',
    '--immediate-mode',
    '-B',
    '16384',
    '-s',
    '2000',
    '-w',
    theirs,
    'udp',
  ];
  const witness = server.spawn('tcpdump', ['-i', 'eth0', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  witness.stderr?.on('data', (text) => {
    words += text;
  });
  await until(() => words.includes('listening on'), 'tcpdump listens');
  const capture = server.capture('eth0', { path });
  const here = await laptop.udp({ address: laptop.ipv4 });
  const there = await server.udp({ address: server.ipv4, port: 9000 });
  // Who knows its neighbours loses nothing while it asks for them.
  assert.ok(pings(laptop, server.ipv4));
  await until(() => capture.counters.packets > 0, 'the first packet');
  for (let number = 0; number < 1000; number++) {
    here.send(Buffer.alloc(1 + number, number), 9000, server.ipv4);
    // The queues of an ordinary user are short.
    if (number % 100 === 99) await setTimeout(2);
  }
  await until(() => capture.counters.packets >= 1000, 'all packets');
  await capture.close();
  witness.kill('SIGINT');
  await once(witness, 'exit');
  assert.match(words, /1000 packets captured\n.*\n0 packets dropped/);
  const ours = tcpdump(path, '-XX', 'udp');
  // Times may be apart by what lies between two readings of the clock.
  const withoutTimes = (lines: string[]) => lines.map((line) => line.replace(/^[\d.]+ /, ''));
  assert.equal(tcpdump(path, 'udp').length, 1000);
  assert.deepEqual(withoutTimes(ours), withoutTimes(tcpdump(theirs, '-XX')));
  here.close();
  there.close();
});
