import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ConntrackEntry, IPS_DST_NAT, IPS_SRC_NAT } from '@netweir/kernel';
import { distinct, standingFlows } from './standing-flows.ts';

const WAN = '198.18.0.10';

function entry(port: number, externalPort: number, other: Partial<ConntrackEntry> = {}) {
  return {
    family: 4,
    id: port,
    original: {
      source: '10.0.1.2',
      destination: '198.18.0.1',
      protocol: 17,
      sourcePort: port,
      destinationPort: 53,
    },
    reply: {
      source: '198.18.0.1',
      destination: WAN,
      protocol: 17,
      sourcePort: 53,
      destinationPort: externalPort,
    },
    zone: 0,
    mark: 0,
    status: IPS_SRC_NAT,
    timeoutS: 30,
    tcpState: undefined,
    ...other,
  } satisfies ConntrackEntry;
}

describe('The flows that stand', () => {
  test('are those whose source is translated to the external address', () => {
    const elsewhere = entry(3, 3);
    const flows = standingFlows(
      [
        entry(1, 4000),
        entry(2, 2, { status: IPS_DST_NAT }),
        { ...elsewhere, reply: { ...elsewhere.reply, destination: '198.18.0.11' } },
        entry(4, 4, { timeoutS: 0 }),
        entry(5, 5, { original: { source: '10.0.1.2', destination: '198.18.0.1', protocol: 1 } }),
      ],
      WAN,
    );
    assert.deepEqual(flows, [
      {
        protocol: 17,
        client: { address: '10.0.1.2', port: 1 },
        external: { address: WAN, port: 4000 },
        destination: { address: '198.18.0.1', port: 53 },
        peer: '198.18.0.1',
        timeoutMs: 30_000,
      },
    ]);
  });

  test('make one element for each key, of the flow that is longest to stay', () => {
    const flows = standingFlows([entry(1, 4000), entry(1, 4001, { timeoutS: 300 })], WAN);
    const elements = distinct(flows, ({ client, external }) => ({
      key: [client.address, client.port],
      data: [external.address, external.port],
    }));
    assert.deepEqual(elements, [{ key: ['10.0.1.2', 1], data: [WAN, 4001] }]);
  });
});
