import { describeConditions } from './suite.test-support.ts';

describeConditions('userspace');
