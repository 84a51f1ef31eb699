import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { reflector, udpEnd } from './nat.test-support.ts';

describe('A router that translates', () => {
  for (const nat of ['home', 'full-cone', 'address-restricted', 'corporate', 'cgnat'] as const) {
    const stable = nat !== 'corporate';
    test(`as ${nat} gives each client ${stable ? 'one port for all' : 'a port for each'}`, async () => {
      await using lab = await Lab.create();
      const datacentre = lab.device('server', { uplink: lab.router('datacentre') });
      const home = lab.router('home', { nat });
      assert.equal(home.nat.name, nat);
      assert.match(home.downlink.ipv4, /^10\./);
      const clients = ['a', 'b'].map((name) => lab.device(name, { uplink: home }));
      const places = [
        { address: datacentre.ipv4, port: (await reflector(datacentre)).port },
        { address: datacentre.ipv4, port: (await reflector(datacentre)).port },
        { address: lab.ix.ipv4, port: (await reflector(lab.ix)).port },
      ];
      const all: string[] = [];
      for (const client of clients) {
        const end = await udpEnd(client, '0.0.0.0', 40_000);
        const seen = new Set<string>();
        for (const { address, port } of places)
          seen.add((await end.ask(address, port)) ?? 'nobody');
        assert.equal(seen.size, stable ? 1 : 3, [...seen].join());
        for (const one of seen) assert.equal(one.split(':')[0], home.ipv4);
        all.push(...seen);
        assert.ok(pings(client, datacentre.ipv4));
      }
      assert.equal(new Set(all).size, all.length, 'no two clients share a port');
      if (stable) assert.equal(all[0], `${home.ipv4}:40000`);
    });
  }
});
