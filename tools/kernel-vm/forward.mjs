// Forwards TCP connections on 127.0.0.1 to the guest: node forward.mjs GUEST_ADDRESS HOST_PORT:GUEST_PORT...
import { connect, createServer } from 'node:net';

const [host, ...publishes] = process.argv.slice(2);
for (const publish of publishes) {
  const [from, to] = publish.split(':').map(Number);
  createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host, port: to, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  }).listen(from, '127.0.0.1');
}
