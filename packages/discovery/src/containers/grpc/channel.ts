import type { Socket } from 'node:net';
import type { ChannelCredentials, Client, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader';
import type { Descriptors } from './descriptors.ts';

const CALL_TIMEOUT_MS = 5000;
const MESSAGE_LIMIT = 16 * 1024 * 1024;

const OPTIONS = {
  'grpc.max_receive_message_length': MESSAGE_LIMIT,
  // Attempts are the caller's: neither waiting of the library's own, nor sockets that others share.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.default_authority': 'localhost',
};

/** A call that failed, in the words of the other side. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  /** Of google.rpc.Code. */
  readonly code: number;
  readonly method: string;

  constructor(
    method: string,
    { code, details }: { code: number; details: string },
    cause: unknown,
  ) {
    super(`${method}: ${details} (gRPC code ${code})`, { cause });
    this.code = code;
    this.method = method;
  }
}

/** What happens on a stream of answers; after `ended` nothing follows. */
export interface StreamHandler {
  message(): void;
  ended(error: GrpcError): void;
}

export interface Stream {
  /** Leaves what arrives to the other side's queue. */
  pause(): void;
  resume(): void;
  /** Ends it; the handler is not called any more. */
  cancel(): void;
}

/** A connection to a gRPC server at a Unix socket, for as long as it lasts. Does not keep the process alive. */
export class GrpcChannel {
  readonly #client: Client;
  readonly #sockets = new Set<Socket>();
  readonly #definition: PackageDefinition;
  readonly #metadataOf: (
    values: Readonly<Record<string, string>>,
  ) => import('@grpc/grpc-js').Metadata;

  private constructor(
    grpc: typeof import('@grpc/grpc-js'),
    definition: PackageDefinition,
    socketPath: string,
  ) {
    const credentials = withSockets(grpc.credentials.createInsecure(), this.#sockets);
    this.#client = new grpc.Client(`unix:${socketPath}`, credentials, OPTIONS);
    this.#definition = definition;
    this.#metadataOf = (values) => {
      const metadata = new grpc.Metadata();
      for (const [key, value] of Object.entries(values)) metadata.set(key, value);
      return metadata;
    };
  }

  /** Loads the library; connects with the first call. */
  static async open(socketPath: string, descriptors: Descriptors): Promise<GrpcChannel> {
    const [grpc, loader] = await Promise.all([
      import('@grpc/grpc-js'),
      import('@grpc/proto-loader'),
    ]);
    const options = { longs: Number, enums: String, defaults: true };
    return new GrpcChannel(grpc, loader.fromJSON(descriptors, options), socketPath);
  }

  /**
   * Calls `package.Service/Method`. `Answer` has to be what the descriptors say: strings that are not
   * sent are empty, numbers 0, messages null.
   * @throws {GrpcError}
   */
  call<Answer>(
    method: string,
    request: object = {},
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { path, requestSerialize, responseDeserialize } = this.#method(method);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        (bytes: Buffer) => responseDeserialize(bytes) as Answer,
        request,
        this.#metadataOf(metadata),
        { deadline: Date.now() + CALL_TIMEOUT_MS },
        (error, answer) => {
          if (error) reject(new GrpcError(method, error, error));
          else if (answer) resolve(answer);
        },
      );
    });
  }

  /** Calls `package.Service/Method`, whose answers are no more than hints. */
  stream(method: string, request: object, handler: StreamHandler): Stream {
    const { path, requestSerialize, responseDeserialize } = this.#method(method);
    const stream: ClientReadableStream<object> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
    );
    let isOver = false;
    const end = (error: { code: number; details: string }): void => {
      if (!isOver) handler.ended(new GrpcError(method, error, error));
      isOver = true;
    };
    stream.on('data', () => {
      if (!isOver) handler.message();
    });
    stream.on('error', (error: ServiceError) => end(error));
    stream.on('end', () => end({ code: 0, details: 'the stream ended' }));
    return {
      pause: () => void stream.pause(),
      resume: () => void stream.resume(),
      cancel() {
        isOver = true;
        stream.cancel();
      },
    };
  }

  close(): void {
    this.#client.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #method(name: string): MethodDefinition<object, object> {
    const [service = '', method = ''] = name.split('/');
    const methods = this.#definition[service];
    const found = methods && !('format' in methods) ? methods[method] : undefined;
    if (!found) throw new Error(`${name} is not in the descriptors`);
    return found;
  }
}

/**
 * Collects the sockets that are made, and has them not keep the process alive: the library has no word
 * for that, and takes hold of a socket by `ref` as often as a call begins. Nor does it close one whose
 * other side never says a word.
 */
function withSockets(credentials: ChannelCredentials, sockets: Set<Socket>): ChannelCredentials {
  const create = credentials._createSecureConnector.bind(credentials);
  credentials._createSecureConnector = (...parameters) => {
    const connector = create(...parameters);
    return {
      connect(socket) {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        socket.unref();
        socket.ref = () => socket;
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  };
  return credentials;
}
