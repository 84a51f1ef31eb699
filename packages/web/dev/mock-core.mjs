// What the mock daemon does: impair, measure, count.
// MODE=no-netem: a kernel without sch_netem; MODE=refuse: every PUT fails.
import { NetweirError, parseDuration } from '@netweir/api';
import { inventory } from './mock-network.mjs';

const { MODE = '' } = process.env;
let broadcast = () => {};

/** Where changes go. */
export function onChanges(listener) {
  broadcast = listener;
}

const spaceOf = (id) => inventory.spaces.find((space) => space.id === id);
const find = (space, name) => spaceOf(space)?.interfaces.find((one) => one.name === name);

function pair(a, b) {
  find(...a).peer = { space: b[0], interface: b[1], ifindex: find(...b).ifindex };
  find(...b).peer = { space: a[0], interface: a[1], ifindex: find(...a).ifindex };
}
pair(['netns:client', 'eth0'], ['netns:router', 'left']);
pair(['netns:router', 'right'], ['netns:server', 'eth0']);

function impair(space, one, egress, lease) {
  one.egress = egress;
  one.expiresAt =
    egress && lease ? new Date(Date.now() + parseDuration(lease) / 1e6).toISOString() : null;
  const kind = MODE === 'no-netem' ? 'tbf' : 'netem';
  one.qdiscs = egress
    ? [{ kind, handle: '4e57:', parent: 'root', ours: true }]
    : [{ kind: 'noqueue', handle: '0:', parent: 'root', ours: false }];
  broadcast([{ type: 'interface', space, interface: one }]);
}
impair(
  'netns:server',
  find('netns:server', 'eth0'),
  { delay: { mean: '20ms', jitter: '4ms' }, rate: { rate: '10mbit' } },
  '5m',
);

const report = (space, one) => ({
  space,
  interface: one.name,
  ifindex: one.ifindex,
  egress: one.egress,
  original: 'noqueue',
  mechanism: one.egress && (MODE === 'no-netem' ? 'tbf' : 'netem'),
  expiresAt: one.expiresAt,
  owner: one.egress && 'daemon',
  counters: one.egress && {
    sentBytes: one.counters.txBytes,
    sentPackets: one.counters.txPackets,
    droppedPackets: 12,
    queuedPackets: 3,
    queuedBytes: 4512,
  },
});

function measure(probe) {
  const path = [
    ['netns:client', 'eth0'],
    ['netns:router', 'left'],
    ['netns:router', 'right'],
    ['netns:server', 'eth0'],
  ];
  const all = path.map((at) => find(...at)?.egress).filter(Boolean);
  const ms = (text) => (text ? parseDuration(text) / 1e6 : 0);
  let rttMs = 0.06 + Math.random() * 0.05;
  let lost = false;
  for (const { delay, loss } of all) {
    rttMs += ms(delay?.mean) + (Math.random() * 2 - 1) * ms(delay?.jitter);
    lost ||= Math.random() * 100 < Number.parseFloat(loss?.probability ?? '0');
  }
  return { sentAtMs: Date.now(), rttMs: lost ? null : Math.round(rttMs * 1000) / 1000, probe };
}

function putProbe(id, { space, address }) {
  const probe = { id, space, address, interval: '250ms', samples: [] };
  inventory.probes = [...inventory.probes.filter((other) => other.id !== id), probe];
  broadcast([{ type: 'probe', probe }]);
  return probe;
}
putProbe('client-server', { space: 'netns:client', address: '10.0.1.1' });

setInterval(() => {
  const changes = inventory.probes.map((probe) => {
    const { sentAtMs, rttMs } = measure(probe);
    probe.samples = [...probe.samples, { sentAtMs, rttMs }].slice(-240);
    return { type: 'probe-sample', id: probe.id, sample: { sentAtMs, rttMs } };
  });
  broadcast(changes);
}, 250);

setInterval(() => {
  const changes = inventory.spaces.flatMap(({ id, interfaces }) =>
    interfaces.map((one) => {
      const wave = (phase) =>
        Math.max(0, Math.sin(Date.now() / 6000 + one.ifindex * phase) + 0.4 + Math.random() * 0.5);
      const size =
        { loopback: 2e3, physical: 4e5, bridge: 0, veth: 9e4 }[one.kind] * (one.up ? 1 : 0);
      const c = one.counters;
      one.counters = {
        ...c,
        atMs: Date.now(),
        rxBytes: c.rxBytes + Math.round(size * wave(1.7)),
        txBytes: c.txBytes + Math.round(size * 0.6 * wave(2.3)),
        rxPackets: c.rxPackets + 40,
        txPackets: c.txPackets + 31,
      };
      return { type: 'counters', space: id, ifindex: one.ifindex, counters: one.counters };
    }),
  );
  broadcast(changes);
}, 1000);

const check = {
  id: 'netem',
  title: 'sch_netem',
  ok: false,
  needed: false,
  detail: 'The kernel does not know the qdisc netem.',
  remedy:
    'Install the modules of your kernel (`linux-modules-extra`), or boot a kernel with CONFIG_NET_SCH_NETEM.',
};
const capabilities = () => ({
  version: '0.1.0',
  kernel: inventory.kernel,
  netem: MODE !== 'no-netem',
  netemSeed: true,
  tbf: true,
  checks: MODE === 'no-netem' ? [check] : [],
});

/** What the API answers; undefined for nothing. */
export function answer(method, parts, body) {
  const [kind, space, name, what] = parts;
  if (kind === 'inventory') return inventory;
  if (kind === 'capabilities') return capabilities();
  if (kind === 'probes' && method === 'PUT') return putProbe(space, body);
  if (kind === 'probes') {
    inventory.probes = inventory.probes.filter(({ id }) => id !== space);
    broadcast([{ type: 'probe-removed', id: space }]);
    return undefined;
  }
  const one = kind === 'interfaces' ? find(space, name) : undefined;
  if (!one)
    throw new NetweirError('no-such-interface', `there is no interface ${name} in ${space}`);
  if (what === 'link') {
    one.up = one.carrier = body.state === 'up';
    broadcast([{ type: 'interface', space, interface: one }]);
    return undefined;
  }
  if (method === 'PUT' && MODE === 'refuse')
    throw new NetweirError(
      'kernel-refused',
      `cannot put netem on ${name} in ${space}: EPERM (Operation not permitted)`,
      { remedy: 'Start netweir as root, or give it CAP_NET_ADMIN: `sudo netweir up`.' },
    );
  if (method === 'PUT') impair(space, one, body.egress, body.for);
  if (method === 'DELETE') impair(space, one, null);
  return report(space, one);
}
