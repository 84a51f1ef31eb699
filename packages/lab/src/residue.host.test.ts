import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { dumpNsids, NetworkNamespace, setNsid } from '@netweir/kernel';
import { until } from './lab.test-support.ts';

const LABS = 100;
/** Of four nodes, and of the switches. */
const NAMESPACES_EACH = 5;
const LIMIT_MS = 2000;

/** Builds labs with programs, sockets and a Worker in them, and says so, until it is killed. */
const BUILDER = `
import { Lab } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
for (let index = 0; ; index++) {
  const lab = await Lab.create();
  const home = lab.router('home', { addresses: 'private' });
  const laptop = lab.device('laptop', { uplink: home });
  const server = lab.device('server', { uplink: home });
  server.spawn('sh', ['-c', 'setsid sleep 1000 & sleep 1000'], { stdio: 'ignore' });
  if (index % 20 === 0) void server.run(async () => {
    const { execFileSync, spawn } = await import('node:child_process');
    spawn('sh', ['-c', '(setsid sleep 1000 &) ; sleep 1000'], { stdio: 'ignore' });
    execFileSync('sleep', ['1000']);
  });
  await server.listen({ port: 80 });
  await laptop.connect({ address: server.ipv4, port: 80 });
  console.log(index + 1);
}`;

/** `ip netns list-id` of iproute2 6.1 prints no more than the first 134. */
const IDS_EACH = 100;

/** A namespace with ids of others: an id keeps nothing alive, and goes when its namespace dies. */
class Observer {
  readonly #namespace = NetworkNamespace.anonymous();
  #given = 0;

  get isFull(): boolean {
    return this.#given === IDS_EACH;
  }

  watch(path: string): void {
    using watched = NetworkNamespace.openPath(path);
    using socket = this.#namespace.netlink();
    socket.request(setNsid(watched.fd, this.#given++));
  }

  /** Watches a namespace that is dead already. */
  watchDeath(): void {
    using dying = NetworkNamespace.anonymous();
    using socket = this.#namespace.netlink();
    socket.request(setNsid(dying.fd, this.#given++));
  }

  /** Whether nothing is left of what it watches, to be asked often. */
  get isEmpty(): boolean {
    using socket = this.#namespace.netlink();
    return socket.dump(dumpNsids()).length === 0;
  }

  /** The same in the words of a witness, which takes its time. */
  ids(): string[] {
    const list = () => execFileSync('ip', ['netns', 'list-id'], { encoding: 'utf8' });
    return this.#namespace
      .run(list)
      .split('\n')
      .filter((line) => line.startsWith('nsid'));
  }

  close(): void {
    this.#namespace.close();
  }
}

/** Network namespaces that a process holds by descriptors, other than this one's. */
function heldNamespaces(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const own = readlinkSync('/proc/self/ns/net');
  return readdirSync(folder)
    .map((fd) => `${folder}/${fd}`)
    .filter((path) => /^net:/.test(linkOf(path)) && linkOf(path) !== own);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Running processes of a network namespace, which `ps` and the rest of the host see too. */
function processesIn(namespaces: ReadonlySet<string>): string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && namespaces.has(linkOf(`/proc/${pid}/ns/net`)),
  );
}

/** The first processes of its pid namespaces, which are in none of its network namespaces. */
function initsOf(pid: number): string[] {
  const args = ['-o', 'pid=', '--ppid', String(pid)];
  const children = spawnSync('ps', args, { encoding: 'utf8' }).stdout.split('\n');
  return children
    .map((child) => child.trim())
    .filter((child) => child !== '' && commandOf(child) === 'netweir-init');
}

/** Empty for what has ended, though it may be listed until the first process of the machine waits for it. */
function commandOf(pid: string): string {
  try {
    const hasMemory = readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
    return hasMemory ? readFileSync(`/proc/${pid}/comm`, 'utf8').trim() : '';
  } catch {
    return '';
  }
}

test(`nothing is left of ${LABS} labs once the process is killed that builds them`, async (t) => {
  const observers: Observer[] = [];
  const ids = () => observers.flatMap((observer) => observer.ids());
  const fileMounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => /netweir|\/etc\//.test(line));
  const mountsBefore = fileMounts();
  const builder = spawn(process.execPath, ['--input-type=module', '-e', BUILDER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const line of createInterface(builder.stdout)) if (Number(line) >= LABS) break;
    const paths = new Map(heldNamespaces(builder.pid ?? 0).map((path) => [linkOf(path), path]));
    const names = new Set(paths.keys());
    for (const path of paths.values()) {
      if (observers.at(-1)?.isFull !== false) observers.push(new Observer());
      observers.at(-1)?.watch(path);
    }
    assert.ok(names.size >= LABS * NAMESPACES_EACH, `${names.size} namespaces`);
    assert.equal(ids().length, names.size);
    assert.ok(processesIn(names).length >= 2 * LABS);
    const inits = initsOf(builder.pid ?? 0);
    assert.ok(inits.length >= LABS);

    // Nor is there a mount that would keep a namespace, such as `ip netns` makes.
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    assert.deepEqual(fileMounts(), mountsBefore);
    assert.deepEqual(
      [...names].filter((name) => mounts.includes(name)),
      [],
    );

    builder.kill('SIGKILL');
    const killedAt = Date.now();
    await until(() => processesIn(names).length === 0, 'no process is left', LIMIT_MS);
    await until(
      () => inits.every((pid) => commandOf(pid) !== 'netweir-init'),
      'no first process of a pid namespace runs',
      LIMIT_MS,
    );
    t.diagnostic(
      `${inits.length} first processes of pid namespaces had ended after ${Date.now() - killedAt} ms`,
    );
    const unseen = () => observers.every((observer) => observer.isEmpty);
    await until(unseen, 'no namespace is left', LIMIT_MS);
    t.diagnostic(`nobody could see a namespace after ${Date.now() - killedAt} ms`);
    // Ids go before links do, but the kernel begins with what died later only once it is through.
    const last = new Observer();
    observers.push(last);
    last.watchDeath();
    await until(unseen, 'no link is left', LIMIT_MS);
    const freedMs = Date.now() - killedAt;
    t.diagnostic(`${names.size} namespaces and their links were freed after ${freedMs} ms`);
    assert.ok(freedMs <= LIMIT_MS, `${freedMs} ms`);
    assert.deepEqual(ids(), []);
  } finally {
    builder.kill('SIGKILL');
    for (const observer of observers) observer.close();
  }
});
