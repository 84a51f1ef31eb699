import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filteringOf, mappingOf, nameOf } from './nat-class.ts';

const LOCAL = { address: '10.0.1.2', port: 40_000 };
const at = (port: number) => ({ address: '198.18.0.10', port });

describe('What a node sees of a NAT', () => {
  test('is a mapping by how its sightings differ', () => {
    for (const [ports, mapping] of [
      [[1, 1, 1], 'endpoint-independent'],
      [[1, 2, 2], 'address-dependent'],
      [[1, 2, 3], 'address-and-port-dependent'],
      [[1, 1, 2], 'address-and-port-dependent'],
    ] as const) {
      const [first, otherAddress, otherPort] = [at(ports[0]), at(ports[1]), at(ports[2])];
      assert.equal(mappingOf({ local: LOCAL, first, otherAddress, otherPort }), mapping);
    }
    const own = { local: LOCAL, first: LOCAL, otherAddress: LOCAL, otherPort: LOCAL };
    assert.equal(mappingOf(own), 'none');
  });

  test('is a mapping too where only the address or only the port is another', () => {
    for (const seen of [
      { ...LOCAL, port: 1 },
      { ...LOCAL, address: '198.18.0.10' },
    ]) {
      const all = { local: LOCAL, first: seen, otherAddress: seen, otherPort: seen };
      assert.equal(mappingOf(all), 'endpoint-independent');
    }
  });

  test('is a filtering by what comes unasked', () => {
    const of = (fromOtherAddress: boolean, fromOtherPort: boolean) =>
      filteringOf({ fromOtherAddress, fromOtherPort });
    assert.equal(of(true, true), 'endpoint-independent');
    assert.equal(of(false, true), 'address-dependent');
    assert.equal(of(false, false), 'address-and-port-dependent');
  });

  test('has the names of RFC 3489', () => {
    const [any, address, port] = [
      'endpoint-independent',
      'address-dependent',
      'address-and-port-dependent',
    ] as const;
    assert.deepEqual(
      [any, address, port].map((filtering) => nameOf('endpoint-independent', filtering)),
      ['full-cone', 'restricted-cone', 'port-restricted-cone'],
    );
    assert.deepEqual(
      [any, address, port].map((filtering) => nameOf('none', filtering)),
      ['open-internet', 'symmetric-firewall', 'symmetric-firewall'],
    );
    assert.equal(nameOf(address, any), 'symmetric');
    assert.equal(nameOf(port, port), 'symmetric');
  });
});
