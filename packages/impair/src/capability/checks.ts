import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Capabilities, Check } from '@netweir/api';
import { isInitialUserNamespace, NETNS_DIRECTORY } from '@netweir/kernel';
import { type Abilities, NETEM_REMEDY } from '../plan.ts';

/** Bits of the capability sets (linux/capability.h) and what netweir needs each for. */
const CAPABILITIES: readonly { bit: number; name: string; needed: boolean; purpose: string }[] = [
  { bit: 12, name: 'CAP_NET_ADMIN', needed: true, purpose: 'to change interfaces and qdiscs' },
  { bit: 21, name: 'CAP_SYS_ADMIN', needed: true, purpose: 'to enter network namespaces' },
  { bit: 13, name: 'CAP_NET_RAW', needed: false, purpose: 'to measure round trips' },
  {
    bit: 19,
    name: 'CAP_SYS_PTRACE',
    needed: false,
    purpose: "to enter other users' processes' namespaces",
  },
];

/** What this host allows, tried out rather than guessed. */
export function examineHost(
  stateDirectory: string,
  probe: () => Abilities,
): Omit<Capabilities, 'version'> {
  const outcome = tried(probe);
  const { classifier = null, ...abilities } = outcome.value ?? {
    netem: false,
    netemSeed: false,
    tbf: false,
    duplicateBesideOthers: false,
    ifb: false,
    userspace: false,
  };
  return {
    kernel: release(),
    classifier,
    ...abilities,
    checks: [
      ...CAPABILITIES.map(checkCapability),
      checkNamespaces(outcome.error),
      ...(outcome.value
        ? [
            checkNetem(outcome.value),
            checkSeed(outcome.value),
            checkTbf(outcome.value),
            checkClassifier(outcome.value),
            checkIfb(outcome.value),
            checkUserspace(outcome.value),
          ]
        : []),
      checkNamedNamespaces(),
      checkStateDirectory(stateDirectory),
    ],
  };
}

function checkCapability({ bit, name, needed, purpose }: (typeof CAPABILITIES)[number]): Check {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/mu.exec(status)?.[1] ?? '0'}`);
  const ok = ((effective >> BigInt(bit)) & 1n) === 1n;
  return {
    id: name.toLowerCase(),
    title: name,
    ok,
    needed,
    detail: ok ? `there, ${purpose}` : `missing: it is needed ${purpose}`,
    ...(!ok && { remedy: 'Run netweir as root (sudo), or give the process this capability.' }),
  };
}

function checkNamespaces(error: string | undefined): Check {
  return {
    id: 'namespaces',
    title: 'Network namespaces',
    ok: error === undefined,
    needed: true,
    detail: error ?? 'can be made and entered',
    ...(error !== undefined && {
      remedy:
        'Run netweir as root; in a container give it --privileged, or CAP_SYS_ADMIN and CAP_NET_ADMIN.',
    }),
  };
}

function checkNetem({ netem }: Abilities): Check {
  return {
    id: 'netem',
    title: 'sch_netem',
    ok: netem,
    needed: false,
    detail: netem ? 'works: delay, loss and the rest by the kernel' : whyNoNetem(),
    ...(!netem && { remedy: NETEM_REMEDY }),
  };
}

function whyNoNetem(): string {
  const modules = join('/lib/modules', release());
  if (!existsSync(modules)) {
    return `this kernel was built without it, and there is no ${modules} to load it from`;
  }
  const list =
    readIfThere(join(modules, 'modules.dep')) + readIfThere(join(modules, 'modules.builtin'));
  return list.includes('sch_netem')
    ? `the module is in ${modules}, but the kernel did not load it`
    : `there is no sch_netem in ${modules}`;
}

function checkSeed({ netemSeed }: Abilities): Check {
  return {
    id: 'netem-seed',
    title: 'Seeds for netem',
    ok: netemSeed,
    needed: false,
    detail: netemSeed ? 'work: the same seed gives the same losses' : 'this kernel takes none',
    ...(!netemSeed && { remedy: 'Use Linux 6.6 or later, where repeatable losses are wanted.' }),
  };
}

function checkUserspace({ userspace }: Abilities): Check {
  const isInitial = isInitialUserNamespace();
  return {
    id: 'userspace',
    title: 'Userspace engine',
    ok: userspace,
    needed: false,
    detail: userspace
      ? 'works: delay, loss and the rest without any kernel module, both ways'
      : isInitial
        ? 'BPF programs cannot be loaded, or there is no /dev/net/tun'
        : 'an ordinary user may not load BPF programs',
    ...(!userspace && {
      remedy: isInitial
        ? 'Use a kernel with CONFIG_BPF_SYSCALL, CONFIG_NET_CLS_BPF and CONFIG_TUN (`modprobe tun cls_bpf`).'
        : 'Run netweir as root, or use the sch_netem of the kernel.',
    }),
  };
}

function checkTbf({ tbf }: Abilities): Check {
  return {
    id: 'tbf',
    title: 'sch_tbf',
    ok: tbf,
    needed: false,
    detail: tbf ? 'works: rates without netem' : 'this kernel has none',
    ...(!tbf && { remedy: 'Load it with `modprobe sch_tbf`.' }),
  };
}

function checkClassifier({ classifier }: Abilities): Check {
  return {
    id: 'classifier',
    title: 'Rules by the kernel',
    ok: classifier !== undefined,
    needed: false,
    detail: classifier
      ? `work: packets are told apart by cls_${classifier} on sch_htb`
      : 'there is no sch_htb, or neither cls_flower nor cls_u32',
    ...(!classifier && { remedy: 'Load them with `modprobe -a sch_htb cls_flower`.' }),
  };
}

function checkIfb({ ifb }: Abilities): Check {
  return {
    id: 'ifb',
    title: 'ifb',
    ok: ifb,
    needed: false,
    detail: ifb
      ? "works: what is received is impaired by the kernel's qdiscs, too"
      : 'there is no ifb, or no cls_u32 and act_mirred to lead to it',
    ...(!ifb && {
      remedy: 'Load it with `modprobe ifb numifbs=0` and `modprobe -a cls_u32 act_mirred`.',
    }),
  };
}

function checkNamedNamespaces(): Check {
  const there = existsSync(NETNS_DIRECTORY);
  const error = there ? tried(() => accessSync(NETNS_DIRECTORY, constants.R_OK)).error : undefined;
  return {
    id: 'named-namespaces',
    title: NETNS_DIRECTORY,
    ok: error === undefined,
    needed: false,
    detail:
      error ??
      (there
        ? 'readable: named namespaces are seen'
        : 'not there yet: nobody has named a namespace'),
    ...(error !== undefined && { remedy: 'Make the directory readable for this user.' }),
  };
}

function checkStateDirectory(directory: string): Check {
  const { error } = tried(() => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK);
  });
  return {
    id: 'state-directory',
    title: directory,
    ok: error === undefined,
    needed: true,
    detail: error ?? 'writable: the journal can be kept',
    ...(error !== undefined && {
      remedy: 'Run netweir as root, or name another directory with NETWEIR_STATE.',
    }),
  };
}

function tried<T>(
  action: () => T,
): { value: T; error?: undefined } | { value?: undefined; error: string } {
  try {
    return { value: action() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
