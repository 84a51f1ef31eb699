import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from './errors/netweir-error.ts';
import { parseTarget } from './target.ts';

describe('a target as it is written', () => {
  for (const [text, space, name] of [
    ['eth0', 'host', 'eth0'],
    ['*', 'host', '*'],
    ['host', 'host', undefined],
    ['host/eth0', 'host', 'eth0'],
    ['netns:a', 'netns:a', undefined],
    ['netns:a/eth?', 'netns:a', 'eth?'],
    ['docker:web-*/eth0', 'docker:web-*', 'eth0'],
    ['podman:db', 'podman:db', undefined],
    ['containerd:3f2a91', 'containerd:3f2a91', undefined],
    ['lxc:c1/eth0', 'lxc:c1', 'eth0'],
    ['nspawn:deb/host0', 'nspawn:deb', 'host0'],
    ['pid:4711/eth0', 'pid:4711', 'eth0'],
    ['pid:*', 'pid:*', undefined],
    ['pod:shop/cart-0', 'pod:shop/cart-0', undefined],
    ['pod:shop/cart-0/eth0', 'pod:shop/cart-0', 'eth0'],
    ['pod:*', 'pod:*', undefined],
    ['pod:podman/web/eth0', 'pod:podman/web', 'eth0'],
    ['lab:home/router/eth0', 'lab:home/router', 'eth0'],
  ] as const) {
    test(`${text} is ${name ?? 'all'} of ${space}`, () =>
      assert.deepEqual(parseTarget(text), { space, interface: name }));
  }

  for (const [text, message] of [
    ['', /empty/],
    ['eth0/', /no space/],
    ['host/', /empty/],
    ['../etc/passwd', /no space/],
    ['netns:../x', /cannot be the name of a namespace/],
    ['netns:/eth0', /cannot be the name of a namespace/],
    ['netns:a/b/c', /cannot be the name of an interface/],
    ['vm:web/eth0', /"vm:web" is no space that netweir knows/],
    ['constructor:x', /no space that netweir knows/],
    ['host:x', /no space that netweir knows/],
    ['docker:', /cannot be the name of a container/],
    ['docker:web/', /empty/],
    ['pod:cart-0', /a pod is written pod:NAMESPACE\/NAME/],
    ['pod:shop/', /cannot be the name of a pod/],
    ['pod:shop/../eth0', /cannot be the name of a pod/],
    ['pod:shop/cart-0/a/b', /cannot be the name of an interface/],
    ['lab:home', /a node of a lab is written lab:LAB\/NODE/],
    ['pid:x', /"x" is not the number of a process/],
    ['sixteen-chars-xx', /longer than 15 bytes/],
    ['ääääääää', /longer than 15 bytes/],
    ['et h0', /cannot be the name/],
    ['netns:a\nb/eth0', /cannot be the name/],
    [`docker:${'x'.repeat(256)}`, /cannot be the name of a container/],
  ] as const) {
    test(`${JSON.stringify(text)} is refused, with what to write`, () => {
      assert.throws(
        () => parseTarget(text),
        (error) => {
          assert.ok(isNetweirError(error), String(error));
          assert.equal(error.code, 'invalid-target');
          assert.match(error.message, message);
          assert.ok(error.remedy);
          return true;
        },
      );
    });
  }
});
