import { IMAGE, type Runtime } from './runtime.ts';

/** How a container comes into the world. */
export interface Member {
  readonly name: string;
  /** As `--network` has it; the runtime's own default if absent. */
  readonly network?: string;
  /** Connected after it was made. */
  readonly further?: readonly string[];
  readonly options?: readonly string[];
  readonly end?: 'paused' | 'stopped' | 'created';
}

const NETWORKS: readonly (readonly string[])[] = [
  ['--subnet', '10.201.1.0/24', 'front'],
  ['--subnet', '10.201.2.0/24', '--internal', 'back'],
  ['--subnet', 'fd00:c0::/64', '--ipv6', '--subnet', '10.201.3.0/24', 'dual'],
  ['--subnet', '10.201.4.0/24', 'shop_default'],
  ['--subnet', '10.201.5.0/24', 'blog_default'],
];

const SHARED = 'container:web-1';

/** What Docker Compose gives a container, as far as it matters. */
function composed(project: string, service: string, number: number): Member {
  const label = 'com.docker.compose';
  return {
    name: `${project}-${service}-${number}`,
    network: `${project}_default`,
    options: [
      ...['--label', `${label}.project=${project}`, '--label', `${label}.service=${service}`],
      ...['--label', `${label}.container-number=${number}`],
    ],
  };
}

/** Thirty containers, of every kind that matters to who shows and shapes them. */
export const MEMBERS: readonly Member[] = [
  { name: 'web-1', network: 'front', options: ['--publish', '8080:80', '--label', 'app=web'] },
  {
    name: 'web-2',
    network: 'front',
    options: ['--publish', '127.0.0.1:8081:80', '--publish', '8081:53/udp', '--label', 'app=web'],
  },
  { name: 'web.3', network: 'front', options: ['--label', 'empty='] },
  { name: 'db_1', network: 'back', options: ['--label', 'note=a b "c" = ü'] },
  { name: 'db_2', network: 'back' },
  { name: 'api', network: 'front', further: ['back'] },
  { name: '0digit', network: 'front' },
  { name: `long${'g'.repeat(59)}`, network: 'front' },
  { name: 'UPPER.Case_mix-9', network: 'front', options: ['--expose', '9000'] },
  { name: 'plain1' },
  { name: 'plain2' },
  { name: 'lonely', network: 'none' },
  { name: 'host1', network: 'host' },
  { name: 'host2', network: 'host' },
  { name: 'share1', network: SHARED },
  { name: 'share2', network: SHARED },
  { name: 'dual1', network: 'dual' },
  { name: 'dual2', network: 'dual' },
  { name: 'paused1', network: 'front', end: 'paused' },
  { name: 'paused2', network: 'back', end: 'paused' },
  { name: 'stopped1', network: 'front', end: 'stopped' },
  { name: 'created1', network: 'back', end: 'created' },
  composed('shop', 'cart', 1),
  composed('shop', 'cart', 2),
  composed('shop', 'db', 1),
  composed('shop', 'mail', 1),
  composed('blog', 'web', 1),
  composed('blog', 'db', 1),
  composed('blog', 'cache', 1),
  { name: 'hub', network: 'front', further: ['back', 'shop_default', 'blog_default'] },
];

/** Makes all of them, and gives them back when they are as described. */
export async function populate(runtime: Runtime): Promise<void> {
  for (const options of NETWORKS) await runtime.client('network', 'create', ...options);
  const [first, ...others] = MEMBERS;
  if (first) await create(runtime, first);
  await Promise.all(others.map((member) => create(runtime, member)));
  const started = MEMBERS.filter(({ end }) => end !== 'created');
  const isShared = ({ network }: Member): boolean => network === SHARED;
  await runtime.client('start', ...names(started.filter((member) => !isShared(member))));
  await runtime.client('start', ...names(started.filter(isShared)));
  await runtime.client('pause', ...names(MEMBERS.filter(({ end }) => end === 'paused')));
  await runtime.client('kill', ...names(MEMBERS.filter(({ end }) => end === 'stopped')));
}

async function create(runtime: Runtime, { name, network, further, options }: Member) {
  const where = network === undefined ? [] : ['--network', network];
  const arguments_ = ['--name', name, ...where, ...(options ?? []), IMAGE, 'sleep', '10000'];
  await runtime.client('create', ...arguments_);
  for (const other of further ?? []) await runtime.client('network', 'connect', other, name);
}

function names(members: readonly Member[]): string[] {
  return members.map(({ name }) => name);
}
