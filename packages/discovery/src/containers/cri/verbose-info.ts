import * as z from 'zod';

const LENGTH_LIMIT = 1024 * 1024;
const INTERFACE_LIMIT = 64;

const Interface = z.looseObject({
  IPConfigs: z.array(z.looseObject({ IP: z.string(), Gateway: z.string().nullish() })).nullish(),
  Mac: z.string().nullish(),
  Sandbox: z.string().nullish(),
});

const Info = z.looseObject({
  pid: z.int().positive().nullish().catch(null),
  cniResult: z
    .looseObject({ Interfaces: z.record(z.string(), Interface).nullish() })
    .nullish()
    .catch(null),
});

/** What a runtime tells beyond the interface, each where it does. */
export interface VerboseInfo {
  readonly pid: number | null;
  readonly mac: string | null;
  readonly gateways: readonly string[];
  /** The host's side where it is a bridge. */
  readonly bridge: string | null;
}

const NOTHING: VerboseInfo = { pid: null, mac: null, gateways: [], bridge: null };

/**
 * Reads the `info` of a verbose status: JSON that containerd and CRI-O both put at the key `info`, each
 * with fields of its own and `pid` in common. Whatever it is, it is no error.
 */
export function readVerboseInfo(info: Readonly<Record<string, string>>): VerboseInfo {
  const text = info.info;
  if (text === undefined || text.length > LENGTH_LIMIT) return NOTHING;
  const parsed = Info.safeParse(parseJson(text));
  if (!parsed.success) return NOTHING;
  const { pid, cniResult } = parsed.data;
  const interfaces = Object.entries(cniResult?.Interfaces ?? {}).slice(0, INTERFACE_LIMIT);
  const inside = interfaces.filter(([name, { Sandbox }]) => Sandbox && name !== 'lo');
  const outside = interfaces.filter(([name, { Sandbox }]) => !Sandbox && !name.startsWith('veth'));
  const gateways = inside.flatMap(([, { IPConfigs }]) =>
    (IPConfigs ?? []).flatMap(({ Gateway }) => (Gateway ? [Gateway] : [])),
  );
  return {
    pid: pid ?? null,
    mac: inside[0]?.[1].Mac || null,
    gateways,
    bridge: outside[0]?.[0] ?? null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
