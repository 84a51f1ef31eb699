/** Where `ip netns` keeps its names. */
export const NETNS_DIRECTORY = '/run/netns';

const NAME_MAX = 255;

/** A text that cannot be the name of a network namespace. */
export class NamespaceNameError extends Error {
  readonly namespaceName: string;

  static {
    NamespaceNameError.prototype.name = 'NamespaceNameError';
  }

  constructor(name: string) {
    super(
      `Expected the name of a network namespace to be a file name of 1 to ${NAME_MAX} bytes, got ${JSON.stringify(name)}`,
    );
    this.namespaceName = name;
  }
}

/** `name` itself. @throws {NamespaceNameError} where it could not be a file in NETNS_DIRECTORY */
export function checkName(name: string): string {
  const impossible = name === '' || name === '.' || name === '..' || /[/\0]/.test(name);
  if (impossible || Buffer.byteLength(name) > NAME_MAX) throw new NamespaceNameError(name);
  return name;
}
