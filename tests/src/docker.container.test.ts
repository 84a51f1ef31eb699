import { testContainersOf } from './support/containers/common-tests.ts';
import { Docker } from './support/containers/docker.ts';

testContainersOf(Docker);
