import { testContainersOf } from './support/containers/common-tests.ts';
import { Podman } from './support/containers/podman.ts';

testContainersOf(Podman);
