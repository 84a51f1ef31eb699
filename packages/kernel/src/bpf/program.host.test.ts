import { Session } from 'node:inspector';
import { test } from 'node:test';
import * as libc from '../libc.ts';
import { loadClassifier } from './program.ts';
import { markAndRedirectIngress } from './redirect.ts';

test('programs are loaded while signals come, such as those of a profiler', (t) => {
  const session = new Session();
  session.connect();
  t.after(() => session.disconnect());
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 100 });
  session.post('Profiler.start');
  for (let index = 0; index < 300; index++) {
    libc.close(loadClassifier('netweir_test', markAndRedirectIngress({ ifindex: 1, mark: 1 })));
  }
});
