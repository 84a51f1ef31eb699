import { MeasurementRequest, type Space } from '@netweir/api';

export type MeasureTarget = MeasurementRequest['to'];

/**
 * What a text names to measure to: a space, one of its interfaces, or any other host with or without a port, such
 * as `example.org:443`. Undefined where it can be none of them.
 */
export function measureTarget(text: string, spaces: readonly Space[]): MeasureTarget | undefined {
  const name = text.trim();
  const isSpace = (id: string): boolean => spaces.some((space) => space.id === id);
  if (isSpace(name)) return { space: name };
  const slash = name.lastIndexOf('/');
  if (slash > 0 && isSpace(name.slice(0, slash))) {
    return { space: name.slice(0, slash), interface: name.slice(slash + 1) };
  }
  const to = hostOf(name);
  const isRight = MeasurementRequest.safeParse({ from: { space: 'host' }, to }).success;
  return isRight ? to : undefined;
}

function hostOf(name: string): { host: string; port?: number } {
  const { host, port } =
    /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d+)$/u.exec(name)?.groups ?? {};
  if (port === undefined) return { host: name.replace(/^\[(.*)\]$/u, '$1') };
  return { host: host ?? name.slice(1, name.indexOf(']')), port: Number(port) };
}
