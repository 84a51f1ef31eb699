import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { addVeth, NETLINK_NETFILTER, setLinkUp } from '@netweir/kernel';
import { BridgeSwitch } from './bridge-switch.ts';
import type { EthernetSwitch } from './ethernet-switch.ts';
import { NetworkStack } from './network-stack.ts';
import { NftablesSwitch } from './nftables-switch.ts';
import { disableIpv6 } from './sysctl.ts';

type Make = (stack: NetworkStack, t: TestContext) => EthernetSwitch;

const KINDS: Readonly<Record<string, Make>> = {
  'of nftables': (stack, t) => {
    const netfilter = stack.namespace.netlink({ protocol: NETLINK_NETFILTER });
    t.after(() => netfilter.close());
    return new NftablesSwitch('sw1', netfilter);
  },
  'that is a bridge': (stack) => new BridgeSwitch('sw1', stack),
};
const INTERFACE = { name: 'eth0', ifindex: 101 };

/** What is plugged in: a namespace with one interface, and its port. */
class Station {
  readonly stack: NetworkStack = new NetworkStack('station', { forwards: false });
  readonly port: { readonly name: string; readonly ifindex: number };
  readonly ipv4: string;
  readonly mac: string;

  constructor(number: number, switches: NetworkStack) {
    const ifindex = switches.takeIfindex();
    this.port = { name: `sw1p${ifindex}`, ifindex };
    this.ipv4 = `10.0.0.${number}`;
    this.mac = `02:00:00:00:00:0${number}`;
    const netnsFd = this.stack.namespace.fd;
    switches.change([
      addVeth(this.port, { ...INTERFACE, address: this.mac, netnsFd }),
      setLinkUp(this.port),
    ]);
    this.stack.start([{ ...INTERFACE, addresses: [`${this.ipv4}/24`], ipv6: false }], []);
  }

  run(command: string, ...args: string[]): string {
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    return this.stack.namespace.run(() => execFileSync(command, args, options));
  }

  reaches({ ipv4 }: Station): boolean {
    const ping = `ping -n -c1 -W1 ${ipv4} >/dev/null && echo yes || echo no`;
    return this.run('sh', '-c', ping).trim() === 'yes';
  }

  forget(): void {
    this.run('ip', 'neigh', 'flush', 'all');
  }

  get address(): string {
    const [link] = JSON.parse(this.run('ip', '-j', 'link', 'show', 'eth0'));
    return link.address;
  }

  /** Frames that have arrived, as `ip` counts them. */
  get received(): number {
    const [link] = JSON.parse(this.run('ip', '-s', '-j', 'link', 'show', 'eth0'));
    return link.stats64.rx.packets;
  }
}

function makeLan(t: TestContext, make: Make) {
  const switches = new NetworkStack('switches', { forwards: false });
  t.after(() => switches.close());
  disableIpv6(switches.namespace, [{ name: 'default', ipv6: false }]);
  const lan = make(switches, t);
  const stations = [1, 2, 3].map((number) => {
    const station = new Station(number, switches);
    t.after(() => station.stack.close());
    lan.connect(station.port);
    // The kernel acts on the carrier before it answers.
    station.stack.link(INTERFACE);
    switches.link(station.port);
    return station;
  });
  const [a, b, c] = stations as [Station, Station, Station];
  return { switches, lan, a, b, c };
}

for (const [kind, make] of Object.entries(KINDS)) {
  describe(`A switch ${kind}`, () => {
    test('sends a frame to the port of its station alone, and what is for all to all others', (t) => {
      const { a, b, c } = makeLan(t, make);
      assert.ok(a.reaches(b) && b.reaches(a));
      const [before, own] = [c.received, a.received];
      for (let count = 0; count < 5; count++) assert.ok(a.reaches(b));
      assert.equal(c.received, before);
      assert.equal(a.received, own + 5);
      a.forget();
      assert.ok(a.reaches(b));
      // The question for the address, which does not come back to who asks; the answer and the echo do.
      assert.equal(c.received, before + 1);
      assert.equal(a.received, own + 7);
    });

    test('finds a station that has taken another Ethernet address', (t) => {
      const { a, b, c } = makeLan(t, make);
      b.run('ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99');
      for (const from of [a, c]) assert.ok(from.reaches(b), from.ipv4);
      const before = c.received;
      for (let count = 0; count < 5; count++) assert.ok(a.reaches(b));
      assert.equal(c.received, before);
    });

    test('keeps from all ports what is between two stations behind one of them', (t) => {
      const { a, b, c } = makeLan(t, make);
      const [first, second] = ['020000000091', '020000000092'];
      // Frames of an experimental EtherType (IEEE 802, 88b5), of which nobody thinks anything.
      const send = (to: string, from: string) =>
        b.run(
          'python3',
          '-c',
          `
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
s.send(bytes.fromhex('${to}${from}88b5') + bytes(46))`,
        );
      const counts = () => [a, b, c].map(({ received }) => received);
      const [ofA = 0, ofB = 0, ofC = 0] = counts();
      send(first, second);
      send(second, first);
      assert.deepEqual(counts(), [ofA + 1, ofB, ofC + 1]);
      send(first, second);
      assert.deepEqual(counts(), [ofA + 1, ofB, ofC + 1]);
    });

    test('follows an address from port to port, and back', (t) => {
      const { switches, a, b, c } = makeLan(t, make);
      for (const [from, to] of [
        [b, c],
        [c, b],
        [b, c],
      ] as const) {
        const taken = from.address;
        from.run(
          'ip',
          'link',
          'set',
          'eth0',
          'address',
          `02:00:00:00:01:0${from.port.ifindex % 10}`,
        );
        to.run('ip', 'link', 'set', 'eth0', 'address', taken);
        for (const each of [a, b, c]) each.forget();
        assert.ok(to.reaches(a) && a.reaches(to));
        assert.ok(from.reaches(a) && a.reaches(from));
      }
      // Of what it has learned it can be asked.
      const list = () => execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
      const table = switches.namespace.run(list);
      if (table !== '') for (const { address } of [a, b, c]) assert.ok(table.includes(address));
    });

    test('forgets a port, and one that has vanished, and can have it again', (t) => {
      const { switches, lan, a, b, c } = makeLan(t, make);
      lan.disconnect(b.port);
      switches.deleteLink(b.port.ifindex);
      lan.disconnect(b.port);
      assert.equal(a.reaches(b), false);
      c.run('ip', 'link', 'delete', 'eth0');
      lan.disconnect(c.port);
      const again = new Station(2, switches);
      t.after(() => again.stack.close());
      lan.connect(again.port);
      again.stack.link(INTERFACE);
      switches.link(again.port);
      a.forget();
      assert.ok(a.reaches(again));
    });

    test('ends with nothing left but its ports', (t) => {
      const { switches, lan, a, b, c } = makeLan(t, make);
      lan.end();
      const see = (...args: string[]) =>
        switches.namespace.run(() => execFileSync('nft', args, { encoding: 'utf8' }));
      assert.equal(see('list', 'ruleset'), '');
      const names = switches.links().map(({ name }) => name);
      assert.deepEqual(names, ['lo', ...[a, b, c].map(({ port }) => port.name)]);
      assert.equal(a.reaches(b), false);
    });
  });
}
