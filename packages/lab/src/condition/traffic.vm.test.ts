import { before } from 'node:test';
import { loadIpv6 } from '../lab.test-support.ts';
import { describeConditions } from './suite.test-support.ts';

before(loadIpv6);

describeConditions('kernel');
