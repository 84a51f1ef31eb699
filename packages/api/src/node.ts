export { unixSocketTransport } from './client/unix-socket.ts';
