import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Container } from '@netweir/api';
import { type Inspected, toContainer } from './inspected.ts';

const around = {
  runtime: 'docker',
  endpoint: 'unix:///run/docker.sock',
  rootless: false,
  pod: null,
  kindOf: () => undefined,
} as const;

function made(Created: string): Container {
  const inspected: Inspected = {
    Id: 'a',
    Name: '/a',
    Created,
    State: { Status: 'running', Pid: 7 },
  };
  return toContainer(inspected, around);
}

test('the time when a container was made is one that the API has, or none', () => {
  assert.equal(made('2026-11-22T14:24:39.801099554Z').createdAt, '2026-11-22T14:24:39.801Z');
  for (const time of ['65536', '+020000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z', 'today', '']) {
    const container = made(time);
    assert.equal(container.createdAt, null, time);
    assert.ok(Container.safeParse(container).success);
  }
});

test('a container that says it was never made was made at no time', () => {
  assert.equal(made('0001-01-01T00:00:00Z').createdAt, null);
});
