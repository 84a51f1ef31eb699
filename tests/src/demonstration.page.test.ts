import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  accessibilityViolations,
  openBrowser,
  picture,
  shownRoundTrip,
} from './support/browser.ts';
import { until } from './support/witness.ts';

const KERNEL_VM = resolve(import.meta.dirname, '../../tools/kernel-vm/run');
const GUEST = resolve(import.meta.dirname, 'support/guest-demonstration.js');
const GUEST_PORT = 8787;
const PROBE = 'Round trip netns:demo-client to 10.79.2.2';
const INTERFACE = 'netns:demo-client/eth0';

/**
 * The main job, as a person does it, on a kernel that has sch_netem: the demonstration runs in the
 * kernel VM, the browser on this machine.
 */
describe('the demonstration in a browser', () => {
  let guest: ChildProcess;
  let browser: Browser;
  let page: Page;

  before(async () => {
    const port = await freePort();
    guest = spawn(
      KERNEL_VM,
      [
        '--publish',
        `${port}:${GUEST_PORT}`,
        '--timeout',
        '170',
        '--',
        process.execPath,
        GUEST,
        `${GUEST_PORT}`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const token = await tokenFrom(guest);
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    await page.goto(`http://127.0.0.1:${port}/#token=${token}`);
  });

  after(async () => {
    await browser?.close();
    guest?.kill('SIGTERM');
  });

  const roundTripIs = (what: string, holds: (ms: number) => boolean): Promise<void> =>
    until(what, 20_000, async () => {
      const shown = await shownRoundTrip(page, PROBE);
      return shown !== undefined && holds(shown);
    });

  test('shows the network and its round trip, without an accessibility violation', async () => {
    await page.getByRole('button', { name: INTERFACE, exact: true }).waitFor({ timeout: 30_000 });
    await roundTripIs('a round trip below 30 ms', (ms) => ms < 30);
    assert.deepEqual(await accessibilityViolations(page), []);
    await picture(page, 'demonstration-before');
  });

  test('100 ms of delay raise the graph of the measured round trip by 100 ms', async () => {
    await page.getByRole('button', { name: INTERFACE, exact: true }).click();
    await page.getByRole('textbox', { name: 'Delay', exact: true }).fill('100');
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.getByText('Done. The kernel reports').waitFor();
    await roundTripIs('a round trip of 100 ms', (ms) => ms >= 100 && ms < 130);
    assert.deepEqual(await accessibilityViolations(page), []);
    await picture(page, 'demonstration-impaired');
  });

  test('Clear lets it fall again', async () => {
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByText('Cleared. The interface is as it was').waitFor();
    await roundTripIs('a round trip below 30 ms', (ms) => ms < 30);
    await picture(page, 'demonstration-cleared');
  });

  test('a value that cannot be is explained at its field, and Apply is closed', async () => {
    await page.getByRole('textbox', { name: 'Delay', exact: true }).fill('-5');
    await page.getByText('is negative').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Apply', exact: true }).isDisabled(), true);
  });
});

async function tokenFrom(guest: ChildProcess): Promise<string> {
  if (!guest.stdout) throw new Error('the guest has no standard output');
  for await (const line of createInterface({ input: guest.stdout })) {
    const token = /#token=([\w-]+)/u.exec(line)?.[1];
    if (token) return token;
  }
  throw new Error('the guest ended before the daemon listened');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
