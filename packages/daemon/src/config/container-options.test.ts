import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Config } from '@netweir/api';
import { containerOptionsOf } from './container-options.ts';

const ALL = { docker: 'auto', podman: 'auto', containerd: 'auto', cri: 'auto', processes: true };
const NONE = { docker: 'off', podman: 'off', containerd: 'off', cri: 'off', processes: false };

const CASES: readonly (readonly [what: string, config: Config, options: unknown])[] = [
  ['nothing means all that can be found', {}, ALL],
  ['an empty section means the same', { containers: {} }, ALL],
  ['all can be off', { containers: { enabled: false, docker: { enabled: true } } }, NONE],
  [
    'one can be off',
    { containers: { podman: { enabled: false, socket: '/p.sock' } } },
    { ...ALL, podman: 'off' },
  ],
  [
    'one socket or several',
    { containers: { docker: { socket: '/d.sock' }, cri: { socket: ['/a', '/b'] } } },
    { ...ALL, docker: ['/d.sock'], cri: ['/a', '/b'] },
  ],
  [
    'processes can be off',
    { containers: { processes: { enabled: false } } },
    { ...ALL, processes: false },
  ],
];

describe('which containers are looked for', () => {
  for (const [what, config, options] of CASES) {
    test(what, () => assert.deepEqual(containerOptionsOf(config), options));
  }
});
