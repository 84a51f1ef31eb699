import {
  type FirewallName,
  type IpSupport,
  type NatName,
  type NatV6,
  RouterPreset,
  validate,
} from '@netweir/api';

/** What a router is, as far as a preset says it. */
export interface PresetOptions {
  readonly nat: NatName;
  readonly natV6: NatV6;
  readonly firewall: FirewallName;
  readonly ip: IpSupport;
}

/** Routers as they are in the field. Those that translate IPv4 have private addresses by default. */
export const ROUTER_PRESETS: Readonly<Record<RouterPreset, PresetOptions>> = {
  home: { nat: 'home', natV6: 'none', firewall: 'block-inbound', ip: 'dual-stack' },
  public: { nat: 'none', natV6: 'none', firewall: 'none', ip: 'dual-stack' },
  'public-v4': { nat: 'none', natV6: 'none', firewall: 'none', ip: 'v4-only' },
  'isp-cgnat': { nat: 'cgnat', natV6: 'none', firewall: 'none', ip: 'dual-stack' },
  'isp-v6': { nat: 'none', natV6: 'nat64', firewall: 'block-inbound', ip: 'v6-only' },
  corporate: { nat: 'corporate', natV6: 'none', firewall: 'corporate', ip: 'dual-stack' },
  hotel: { nat: 'corporate', natV6: 'none', firewall: 'captive-portal', ip: 'v4-only' },
  cloud: { nat: 'cloud-nat', natV6: 'none', firewall: 'none', ip: 'dual-stack' },
};

/**
 * Options with what their preset says of those that are absent.
 * @throws NetweirError `invalid-request` for a preset that there is not
 */
export function withPreset<Options extends { readonly preset?: RouterPreset }>(
  options: Options,
): Options & Partial<PresetOptions> {
  if (options.preset === undefined) return options;
  const preset = ROUTER_PRESETS[validate(RouterPreset, options.preset, 'the preset')];
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...preset, ...(Object.fromEntries(given) as Options) };
}
