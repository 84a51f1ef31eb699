import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  accessibilityViolations,
  fieldOf,
  openBrowser,
  picture,
  shownRoundTrip,
} from './support/browser.ts';
import { type Demonstration, startHere, startInKernelVm } from './support/demonstration.ts';
import { run, until } from './support/witness.ts';

const PROBE = 'Round trip netns:demo-client to 10.79.2.2';
const INTERFACE = 'netns:demo-client/eth0';

/**
 * The main job, as a person does it: on this machine's kernel, by whichever engine it has, and on one
 * that has sch_netem.
 */
for (const [where, picturesOf, start] of [
  ['on this kernel', 'here', startHere],
  ['in the kernel VM', 'vm', startInKernelVm],
] as const) {
  describe(`the demonstration ${where}, in a browser`, () => {
    let demonstration: Demonstration | undefined;
    let browser: Browser | undefined;
    let page: Page;

    before(async () => {
      demonstration = await start();
      browser = await openBrowser();
      page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
      await page.goto(demonstration.url);
    });

    after(async () => {
      await browser?.close();
      await demonstration?.stop();
      assert.doesNotMatch(run('ip', 'netns', 'list'), /demo-/u);
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
      await picture(page, `demonstration-${picturesOf}-before`);
    });

    test('100 ms of delay raise the graph of the measured round trip by 100 ms', async () => {
      await page.getByRole('button', { name: INTERFACE, exact: true }).click();
      await fieldOf(page, 'Sends', 'Delay').fill('100');
      await page.getByRole('button', { name: 'Apply', exact: true }).click();
      await page.getByText(/^Done\./u).waitFor();
      await roundTripIs('a round trip of 100 ms', (ms) => ms >= 100 && ms < 130);
      assert.deepEqual(await accessibilityViolations(page), []);
      await picture(page, `demonstration-${picturesOf}-impaired`);
    });

    test('what is set is set against what a measurement finds', async () => {
      const panel = page.getByRole('region', { name: 'Set against achieved' });
      await panel.getByLabel('For', { exact: true }).selectOption('2s');
      await panel.getByRole('button', { name: 'Measure', exact: true }).click();
      const delay = panel.getByRole('row', { name: /delay.*way there/iu });
      await delay.waitFor();
      const [set = '', achieved = ''] = await delay.getByRole('cell').allInnerTexts();
      assert.equal(set, '100 ms');
      const ms = Number.parseFloat(achieved);
      assert.ok(ms >= 100 && ms < 130, achieved);
    });

    test('a rule that leaves ICMP alone lets the round trip fall, and the rest waits on', async () => {
      await page.getByRole('button', { name: 'Add rule', exact: true }).click();
      await page.getByRole('combobox', { name: 'Protocol', exact: true }).fill('icmp');
      await page.getByText('Leave them alone').click();
      await page.getByRole('button', { name: 'Apply', exact: true }).click();
      await page.getByText('1 rule for part of the traffic').waitFor();
      await roundTripIs('a round trip below 30 ms', (ms) => ms < 30);
      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      await roundTripIs('a round trip of 100 ms', (ms) => ms >= 100 && ms < 130);
    });

    test('Clear lets it fall again', async () => {
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      await page.getByText('Cleared. The interface is as it was').waitFor();
      await roundTripIs('a round trip below 30 ms', (ms) => ms < 30);
      await picture(page, `demonstration-${picturesOf}-cleared`);
    });

    test('a value that cannot be is explained at its field, and Apply is closed', async () => {
      await fieldOf(page, 'Sends', 'Delay').fill('-5');
      await page.getByText('is negative').first().waitFor();
      assert.equal(
        await page.getByRole('button', { name: 'Apply', exact: true }).isDisabled(),
        true,
      );
    });
  });
}
