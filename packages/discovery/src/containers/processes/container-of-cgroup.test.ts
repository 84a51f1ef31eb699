import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { containerOfCgroup } from './container-of-cgroup.ts';

const A = '4f1c0a8d9b2e7356c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f60514233241506f7e';
const B = 'b0a1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8e9f';
const POD = 'pod0d0f8a3e-6c1b-4c55-9a5e-2f7c6b1d9e10';
const POD_SLICE = 'kubepods-burstable-pod0d0f8a3e_6c1b_4c55_9a5e_2f7c6b1d9e10.slice';
const USER = '/user.slice/user-1000.slice/user@1000.service/user.slice';

const v1 = (path: string): string =>
  ['12:pids', '11:cpu,cpuacct', '5:freezer', '1:name=systemd', '0:']
    .map((hierarchy) => `${hierarchy}:${path}\n`)
    .join('');
const v2 = (path: string): string => `0::${path}\n`;

/** What the file says, and `runtime id` or the absence of both. */
const EXAMPLES: readonly (readonly [string, string, string | undefined])[] = [
  ['Docker, cgroupfs, version 1', v1(`/docker/${A}`), `docker ${A}`],
  ['Docker, cgroupfs, version 2', v2(`/docker/${A}`), `docker ${A}`],
  ['Docker, systemd', v2(`/system.slice/docker-${A}.scope`), `docker ${A}`],
  [
    'Docker, systemd, a group of its own',
    v2(`/system.slice/docker-${A}.scope/init`),
    `docker ${A}`,
  ],
  ['Docker, rootless', v2(`${USER}/docker-${A}.scope`), `docker ${A} rootless`],
  ['Docker, --cgroup-parent', v1(`/limited/web/${A}`), `docker ${A}`],
  ['Docker, --cgroup-parent a slice', v2(`/web.slice/docker-${A}.scope`), `docker ${A}`],
  ['Docker, Amazon ECS', v1(`/ecs/6f2b7d0c9ab84b6f/${A}`), `docker ${A}`],
  ['Docker, systemd notation left alone', v1(`/system.slice:docker:${A}`), `docker ${A}`],
  ['Docker in Docker', v1(`/docker/${A}/docker/${B}`), `docker ${B}`],
  ['Docker under Kubernetes', v2(`/kubepods.slice/${POD_SLICE}/docker-${A}.scope`), `docker ${A}`],
  ['a build of Docker', v1('/docker/buildkit/t8xk2p0c7n3q5w9v1z4y6m8b0'), undefined],
  ['only one hierarchy knows', `3:cpu:/\n2:pids:/docker/${A}\n0::/\n`, `docker ${A}`],
  ['seen from a namespace of groups', v2(`/../docker-${A}.scope`), `docker ${A}`],
  ['a group that was removed', v2(`/docker/${A} (deleted)`), `docker ${A}`],
  ['Podman, systemd', v2(`/machine.slice/libpod-${A}.scope/container`), `podman ${A}`],
  ['Podman, systemd, version 1', v1(`/machine.slice/libpod-${A}.scope`), `podman ${A}`],
  ['Podman, cgroupfs', v1(`/libpod_parent/libpod-${A}`), `podman ${A}`],
  [
    'Podman, in a pod',
    v2(`/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope`),
    `podman ${A}`,
  ],
  ['Podman, rootless', v2(`${USER}/libpod-${A}.scope/container`), `podman ${A} rootless`],
  [
    'Podman, rootless, cgroupfs',
    v2(`/user.slice/user-7.slice/user@7.service/${A}`),
    `podman ${A} rootless`,
  ],
  ['Podman, a unit (Quadlet)', v2(`/system.slice/web.service/libpod-payload-${A}`), `podman ${A}`],
  ['conmon', v2(`/machine.slice/libpod-conmon-${A}.scope`), undefined],
  ['conmon, cgroupfs', v1(`/libpod_parent/libpod-conmon-${A}`), undefined],
  ['conmon, Podman 1', v1(`/libpod_parent/libpod-${A}/conmon`), undefined],
  ['conmon in a container', v1(`/docker/${B}/libpod-conmon-${A}.scope`), `docker ${B}`],
  ['containerd, ctr', v1('/default/web'), 'containerd web'],
  ['containerd, nerdctl, cgroupfs', v2(`/default/${A}`), `containerd ${A}`],
  ['containerd, nerdctl, systemd', v2(`/system.slice/nerdctl-${A}.scope`), `containerd ${A}`],
  ['containerd, CRI, ctr namespace', v1(`/k8s.io/${A}`), `containerd ${A}`],
  [
    'containerd, CRI, systemd',
    v2(`/kubepods.slice/kubepods-burstable.slice/${POD_SLICE}/cri-containerd-${A}.scope`),
    `containerd ${A}`,
  ],
  ['containerd, CRI, cgroupfs', v1(`/kubepods/burstable/${POD}/${A}`), `containerd ${A}`],
  ['containerd, CRI, guaranteed', v1(`/kubepods/${POD}/${A}`), `containerd ${A}`],
  [
    'containerd, CRI, drivers that differ',
    v1(`/system.slice/containerd.service/${POD_SLICE}:cri-containerd:${A}`),
    `containerd ${A}`,
  ],
  [
    'kind: a pod in a container',
    v2(`/system.slice/docker-${A}.scope/kubelet.slice/${POD_SLICE}/cri-containerd-${B}.scope`),
    `containerd ${B}`,
  ],
  [
    'kind: a service in the node',
    v2(`/system.slice/docker-${A}.scope/system.slice/kubelet.service`),
    `docker ${A}`,
  ],
  ['CRI-O, systemd', v2(`/kubepods.slice/${POD_SLICE}/crio-${A}.scope`), `cri-o ${A}`],
  ['CRI-O, crun', v2(`/kubepods.slice/${POD_SLICE}/crio-${A}.scope/container`), `cri-o ${A}`],
  ['CRI-O, cgroupfs', v1(`/kubepods/besteffort/${POD}/crio-${A}`), `cri-o ${A}`],
  ['conmon of CRI-O', v2(`/system.slice/crio-conmon-${A}.scope`), undefined],
  ['LXC 2', v1('/lxc/web'), 'lxc web'],
  ['LXC 4', v2('/lxc.payload.web-1'), 'lxc web-1'],
  ['LXC, a service in it', v2('/lxc.payload.web-1/system.slice/ssh.service'), 'lxc web-1'],
  ['Docker in LXC', v2(`/lxc.payload.web-1/system.slice/docker-${A}.scope`), `docker ${A}`],
  ['LXC, its monitor', v2('/lxc.monitor.web-1'), undefined],
  ['nspawn, a scope', v2('/machine.slice/machine-web.scope/payload'), 'systemd-nspawn web'],
  ['nspawn, escaped', v2('/machine.slice/machine-web\\x2d1.scope'), 'systemd-nspawn web-1'],
  [
    'nspawn, a service',
    v2('/machine.slice/systemd-nspawn@web.service/payload/init.scope'),
    'systemd-nspawn web',
  ],
  ['nspawn, its supervisor', v2('/machine.slice/systemd-nspawn@web.service/supervisor'), undefined],
  ['a machine of libvirt', v2('/machine.slice/machine-qemu\\x2d1\\x2dvm.scope'), undefined],
  ['a service of the host', v2('/system.slice/ssh.service'), undefined],
  ['a service that is called docker', v2('/system.slice/docker.service'), undefined],
  ['a user', v2('/user.slice/user-0.slice/session-1.scope'), undefined],
  ['no group', v2('/'), undefined],
  ['nothing', '', undefined],
];

describe('containerOfCgroup', () => {
  for (const [what, text, expected] of EXAMPLES) {
    test(`reads ${what}`, () => {
      const found = containerOfCgroup(text);
      const shown = found && `${found.runtime} ${found.id}${found.rootless ? ' rootless' : ''}`;
      assert.equal(shown, expected);
    });
  }

  test('tells a name where the id is one', () => {
    assert.equal(containerOfCgroup(v2('/lxc.payload.web'))?.name, 'web');
    assert.equal(containerOfCgroup(v2(`/docker/${A}`))?.name, undefined);
  });

  test('never throws, whatever the text', () => {
    const part = fc.constantFrom(
      ...['/', ':', '\n', '0:', 'docker', A, 'libpod-', '.scope', 'lxc', 'machine-', '\\x'],
      ...[
        'kubepods',
        '.slice',
        'default',
        'lxc.payload.',
        'constructor-',
        '__proto__',
        ' (deleted)',
      ],
    );
    const text = fc.array(fc.oneof(part, fc.string())).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (given) => {
        const found = containerOfCgroup(given);
        assert.ok(found === undefined || found.id !== '');
      }),
    );
  });
});
