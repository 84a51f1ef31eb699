import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { CONTAINERS, untouchedReport } from '../test-support/fixtures.ts';
import { fakeTerminal, runWith } from '../test-support/run.ts';
import { containerLines, spaceNotes } from './container.ts';
import { renderReport } from './impairment.ts';
import { inOrder, renderInventory } from './inventory.ts';
import { runtimeLines, stoppedTable } from './runtimes.ts';

const TABLE = `INTERFACE  KIND    STATE  ADDRESSES                NETWORK                    RX     TX  LINKED
host
  agent: agent · docker · running
  also docker:agent
veth5      veth    up                                                     1.5 MiB  900 B  in br-shop
br-shop    bridge  up                                                     1.5 MiB  900 B
docker:web
  web: nginx:1.27 · docker · running · compose shop/web
eth0       veth    up     10.0.0.1/24 fe80::1/64  shop_back (internal)  1.5 MiB  900 B  → host/veth5
pod:podman/db
  db: postgres:17 · podman, rootless · paused · pod podman/db
  also podman:db
tap0       tun     up                                                     1.5 MiB  900 B
`;

const shown = {
  ...CONTAINERS,
  spaces: CONTAINERS.spaces.map((space) => ({
    ...space,
    interfaces: space.interfaces.filter(({ name }) => name !== 'lo'),
  })),
};

describe('containers in the table of the inventory', () => {
  test('stand below the id of their space, and networks beside the interfaces', () => {
    const squeeze = (text: string): string => text.replace(/ {2,}(?=\S)/gu, '  ');
    assert.equal(squeeze(renderInventory(inOrder(shown), fakeTerminal())), squeeze(TABLE));
  });

  for (const columns of [40, 60, 80]) {
    test(`fit into ${columns} columns`, () => {
      const text = renderInventory(inOrder(shown), fakeTerminal({ columns, rows: 50 }));
      const widest = Math.max(...text.split('\n').map((line) => [...line].length));
      assert.ok(widest <= columns, `${widest} columns:\n${text}`);
      for (const word of ['nginx:1.27', 'shop/web', 'paused', 'rootless']) {
        assert.ok(text.includes(word), `no ${word} in\n${text}`);
      }
    });
  }

  test('of a process is its command line', () => {
    const [space] = CONTAINERS.spaces;
    assert.ok(space);
    const process = { ...space, aliases: [], containers: [], command: 'unshare -n sh' };
    assert.deepEqual(spaceNotes(process), ['runs unshare -n sh']);
  });

  test('say why a rule is not in force', () => {
    const [space] = CONTAINERS.spaces;
    assert.ok(space);
    assert.equal(
      spaceNotes({ ...space, problems: ['netweir.egress: "10mbps" is ambiguous'] }).at(-1),
      '! netweir.egress: "10mbps" is ambiguous',
    );
  });
});

describe('ls', () => {
  test('tells of runtimes that cannot be read on stderr', async () => {
    const netweir = fakeNetweir({ inventory: () => Promise.resolve(CONTAINERS) });
    const { stderr } = await runWith(netweir, ['ls']);
    assert.equal(stderr, 'netweir: podman at /run/podman/podman.sock: may not be read: EACCES\n');
  });

  test('--stopped asks for stopped containers and lists them below', async () => {
    const netweir = fakeNetweir({ inventory: () => Promise.resolve(CONTAINERS) });
    const { stdout } = await runWith(netweir, ['ls', '--stopped']);
    assert.deepEqual(netweir.calls[0], ['inventory', { stopped: true }]);
    assert.match(
      stdout,
      /\n\nSTOPPED +RUNTIME +IMAGE +COMPOSE +CREATED\nold +docker +nginx:1\.27 +shop\/web +2026-/,
    );
  });
});

describe('what is said of runtimes', () => {
  const [status] = CONTAINERS.runtimes;
  assert.ok(status);
  for (const [state, detail, expected] of [
    ['current', null, []],
    ['connecting', null, ['docker at /run/docker.sock: not asked yet']],
    ['refused', 'EACCES', ['docker at /run/docker.sock: may not be read: EACCES']],
  ] as const) {
    test(`that are ${state}`, () =>
      assert.deepEqual(
        runtimeLines({ ...CONTAINERS, runtimes: [{ ...status, state, detail }] }),
        expected,
      ));
  }

  test('that are stale is since when', () => {
    const stale = { ...status, state: 'stale' as const, detail: 'no answer in 5 s' };
    assert.match(
      runtimeLines({ ...CONTAINERS, runtimes: [stale] }).join(),
      /does not answer as it should since 2026-11-22 .*: no answer in 5 s$/,
    );
  });
});

test('stopped containers fit into a narrow terminal, and none are no table', () => {
  const text = stoppedTable(CONTAINERS, fakeTerminal({ columns: 40, rows: 9 }));
  assert.ok(
    text.split('\n').every((line) => line.length <= 40),
    text,
  );
  assert.match(text, /old/);
  assert.equal(stoppedTable({ ...CONTAINERS, stopped: [] }, fakeTerminal()), '');
});

describe('show', () => {
  const space = CONTAINERS.spaces.find(({ id }) => id === 'docker:web');
  const one = space?.interfaces.at(-1);
  const [web] = space?.containers ?? [];
  assert.ok(space && one && web);
  const report = untouchedReport({ space: space.id, interface: one.name });

  test('has the network, the gateway and the container', () => {
    const text = renderReport(report, fakeTerminal(), 0, { space, interface: one });
    assert.equal(
      text.replace(/created .*/u, 'created'),
      `docker:web/eth0
  egress      untouched by netweir
  ingress     untouched by netweir
  network     shop_back (bridge, internal: no way out)
    gateway   10.0.0.254
  container   web: nginx:1.27 · docker · running · compose shop/web
    id        ${web.id}
    pid       4711
    created
    source    /run/docker.sock
    port      80/tcp at 0.0.0.0:8080
    port      443/tcp, not published
    label     app=web
`,
    );
  });

  test('names the rule that impairs', () => {
    const ruled = { space, interface: { ...one, rule: 'slow' } };
    assert.match(renderReport(report, fakeTerminal(), 0, ruled), /^ {2}rule {8}slow$/mu);
  });

  test('leaves out the containers that share the network of the host', () => {
    const host = CONTAINERS.spaces.find(({ kind }) => kind === 'host');
    const [veth] = host?.interfaces ?? [];
    assert.ok(host && veth);
    assert.doesNotMatch(
      renderReport(report, fakeTerminal(), 0, { space: host, interface: veth }),
      /container/,
    );
  });

  test('cuts long labels and many labels', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 11 }, (_, index) => [`l${index}`, `${'x'.repeat(100)}\nmore`]),
    );
    const texts = containerLines({ ...web, labels })
      .filter(([name]) => name.trim() === 'label')
      .map(([, text]) => text);
    assert.equal(texts.length, 9);
    assert.equal(texts[0], `l0=${'x'.repeat(67)}…`);
    assert.match(texts[8] ?? '', /and 3 more/);
  });
});
