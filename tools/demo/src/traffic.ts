// Steady traffic of the demonstration: run in the client's or the server's namespace.
import { createSocket } from 'node:dgram';

const PORT = 7979;
const TICK_MS = 20;
const PACKET = Buffer.alloc(1000);

const [role, address] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('error', (error) => {
  // What an impairment or a link that is down does to a sender; the demonstration goes on.
  console.error(`demo ${role}: ${error.message}`);
});

if (role === 'server') {
  socket.on('message', (message, from) => {
    socket.send(message.subarray(0, message.length / 3), from.port, from.address);
  });
  socket.bind(PORT);
} else {
  const began = Date.now();
  if (!address) throw new Error('the client needs the address of the server');
  setInterval(() => {
    const seconds = (Date.now() - began) / 1000;
    // Rises and falls between 0.4 and 2 Mbit/s, so that there is something to see.
    const packets = 1 + Math.round(2 + 2 * Math.sin(seconds / 4));
    for (let count = 0; count < packets; count++) socket.send(PACKET, PORT, address);
  }, TICK_MS);
}

// The demonstration ends with the process that made it.
process.on('disconnect', () => process.exit());
