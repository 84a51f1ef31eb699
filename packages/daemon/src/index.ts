export { createServer, DEFAULT_PORT, type HttpServer, type ServerOptions } from './http/server.ts';
