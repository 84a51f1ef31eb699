import { isIP } from 'node:net';
import {
  isGlob,
  type MeasurementRequest,
  NetweirError,
  parseTarget,
  SpaceKind,
} from '@netweir/api';

type To = MeasurementRequest['to'];

const KINDS: readonly string[] = SpaceKind.options;

/**
 * Reads one end as it is written: a space, which is always written with its kind (`docker:web`,
 * `docker:web/eth0`, `host`), or else a host with or without a port (`example.org:443`, `[2001:db8::1]:443`).
 *
 * @throws NetweirError `invalid-target`
 */
export function parseTo(text: string): To {
  const kind = /^(?<kind>[a-z]+)(?::|\/|$)/u.exec(text)?.groups?.kind;
  if (kind !== undefined && KINDS.includes(kind) && isIP(text) === 0) return parseFrom(text);
  const { v6, name, port } = HOST.exec(text)?.groups ?? {};
  const host = isIP(text) === 6 ? text : (v6 ?? name);
  if (host === undefined || (v6 !== undefined && isIP(v6) !== 6)) throw notAnEnd(text);
  if (port === undefined || isIP(text) === 6) return { host };
  const number = Number(port);
  if (number < 1 || number > 0xffff) throw notAnEnd(text);
  return { host, port: number };
}

const HOST = /^(?:\[(?<v6>[\da-f:.]+)\]|(?<name>[^\s:/[\]]+))(?::(?<port>\d{1,5}))?$/iu;

/** @throws NetweirError `invalid-target` for what does not name one space or one interface of it */
export function parseFrom(text: string): MeasurementRequest['from'] {
  const { space, interface: name } = parseTarget(text);
  if (isGlob(space) || (name !== undefined && isGlob(name))) {
    throw new NetweirError('invalid-target', `"${text}" is a pattern`, {
      remedy: 'Measure from one space to one other: docker:web, or docker:web/eth0.',
    });
  }
  return { space, ...(name !== undefined && { interface: name }) };
}

function notAnEnd(text: string): NetweirError {
  return new NetweirError('invalid-target', `"${text}" is no space and no host`, {
    remedy: 'Write docker:web, netns:server/eth0, 192.0.2.7, example.org:443 or [2001:db8::1]:443.',
  });
}
