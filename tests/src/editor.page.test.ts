import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Comparison, Measurement, TrafficMatch } from '@netweir/api';
import type { Browser, Locator, Page } from 'playwright-core';
import { accessibilityViolations, fieldOf, openBrowser, picture } from './support/browser.ts';
import { FakeDaemon } from './support/fake-daemon.ts';
import { containersInventory } from './support/fake-inventory.ts';
import { until } from './support/witness.ts';

const API = 'docker:shop-api-1/eth0';
const DELAY = { delay: { mean: '100ms' } };

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

async function opened(daemon: FakeDaemon, width = 1440, dark = false): Promise<Page> {
  const colorScheme = dark ? 'dark' : 'light';
  const page = await browser.newPage({ viewport: { width, height: 1000 }, colorScheme });
  page.setDefaultTimeout(10_000);
  await page.goto(daemon.url);
  await page.getByRole('button', { name: API, exact: true }).click();
  await fieldOf(page, 'Sends', 'Delay').waitFor();
  return page;
}

const button = (within: Page | Locator, name: string): Locator =>
  within.getByRole('button', { name, exact: true });
const rule = (page: Page, number: number): Locator =>
  page.getByRole('listitem', { name: `Rule ${number}`, exact: true });

async function apply(page: Page): Promise<void> {
  await button(page, 'Apply').click();
  await page.getByText(/^Done\./u).waitFor();
}

/** What was asked for last, by which method. */
function lastAsked({ asked }: FakeDaemon): unknown {
  const { method, body } = asked.at(-1) ?? {};
  return method === 'PUT' ? body : method;
}

describe('the editor of an interface', () => {
  let daemon: FakeDaemon;
  let page: Page;

  before(async () => {
    daemon = await FakeDaemon.start(containersInventory());
    page = await opened(daemon);
  });
  after(async () => {
    await page.close();
    await daemon[Symbol.asyncDispose]();
  });

  test('shows both directions beside each other, and copies one to the other', async () => {
    const place = (way: string): ReturnType<Locator['boundingBox']> =>
      page.getByRole('group', { name: way, exact: true }).boundingBox();
    const [sends, receives] = [await place('Sends'), await place('Receives')];
    assert.ok(sends && receives && receives.x >= sends.x + sends.width);
    assert.equal(receives.y, sends.y);
    await fieldOf(page, 'Sends', 'Delay').fill('100');
    await button(page, 'Copy to Receives').click();
    assert.equal(await fieldOf(page, 'Receives', 'Delay').inputValue(), '100');
    await fieldOf(page, 'Receives', 'Delay').fill('30');
    await apply(page);
    assert.deepEqual(lastAsked(daemon), { egress: DELAY, ingress: { delay: { mean: '30ms' } } });
  });

  test('a rule says at its fields what is wrong, and Apply is closed until it is right', async () => {
    await button(page, 'Add rule').click();
    await page.getByText('Say which packets are meant').waitFor();
    await page.getByLabel('Other end: addresses').fill('10.0.0.0/8, nowhere/3');
    await page.getByText('"nowhere/3" is no address, no network and no host name').waitFor();
    await page.getByLabel('Other end: addresses').fill('10.0.0.0/8, example.org');
    await page.getByLabel('Ports of the other end').fill('99999');
    await page.getByText('"99999" is no port').waitFor();
    await page.getByLabel('Ports of the other end').fill('443');
    await rule(page, 1).getByText('Set a value in one of its directions').waitFor();
    assert.equal(await button(page, 'Apply').isDisabled(), true);
    await fieldOf(rule(page, 1), 'Receives', 'Loss').fill('2');
    await rule(page, 1).getByText('receives: loss 2%').waitFor();
    assert.equal(await button(page, 'Apply').isEnabled(), true);
  });

  test('rules are sent in the order that they are moved to, and told with their counters', async () => {
    await button(page, 'Add rule').click();
    await page.getByLabel('Ports of this end').fill('22');
    await page.getByText('Leave them alone').click();
    await button(page, 'Move rule 2 up').click();
    await rule(page, 1).getByText('passes untouched').waitFor();
    await apply(page);
    const lossy = {
      match: { remote: ['10.0.0.0/8', 'example.org'], remotePorts: ['443'] },
      ingress: { loss: { model: 'random', probability: '2%' } },
    };
    assert.deepEqual(lastAsked(daemon), {
      egress: DELAY,
      ingress: { delay: { mean: '30ms' } },
      rules: [{ match: { localPorts: ['22'] }, exclude: true }, lossy],
    });
    await rule(page, 2).getByText('1,234 packets delivered').waitFor();
    const row = page.locator('li').filter({ has: button(page, API) });
    await row.getByText('2 rules for part of it').waitFor();
    assert.deepEqual(await accessibilityViolations(page), []);
    await picture(page, 'editor-rules');
  });

  test('a rule that is removed is gone after Apply, and Undo puts it back', async () => {
    const before = lastAsked(daemon);
    await button(page, 'Remove rule 1').click();
    await apply(page);
    assert.notDeepEqual(lastAsked(daemon), before);
    await button(page, 'Undo').click();
    await rule(page, 2).waitFor();
    assert.deepEqual(lastAsked(daemon), before);
    await button(page, 'Clear').click();
    await page.getByText('Cleared. The interface is as it was').waitFor();
    assert.equal(await fieldOf(page, 'Sends', 'Delay').inputValue(), '');
    assert.equal(await rule(page, 1).count(), 0);
    await button(page, 'Undo').click();
    await rule(page, 2).waitFor();
    assert.deepEqual(lastAsked(daemon), before);
    assert.equal(await fieldOf(page, 'Sends', 'Delay').inputValue(), '100');
  });

  test('the time left ticks, is prolonged and taken away, and survives another Apply', async () => {
    await page.getByText('5 min', { exact: true }).click();
    await apply(page);
    const now = page.getByRole('status').filter({ hasText: 'Ends by itself' });
    await now.getByText(/4:5\d/u).waitFor();
    const first = await now.innerText();
    await until('the countdown ticks', 5000, async () => (await now.innerText()) !== first);
    await fieldOf(page, 'Sends', 'Delay').fill('200');
    await apply(page);
    assert.match(timeOf(lastAsked(daemon)), /^(?:29\d|300)s$/u);
    await button(page, '5 min more').click();
    await now.getByText(/9:5\d|10:00/u).waitFor();
    await button(page, 'Let it stay').click();
    await page.getByText('It stays until it is cleared').waitFor();
    assert.equal(timeOf(lastAsked(daemon)), '');
  });

  test('what is to outlive the daemon says so', async () => {
    await page.getByText('Options', { exact: true }).click();
    const keep = page.getByRole('switch', { name: 'Keep it when the daemon ends' });
    await keep.dispatchEvent('click');
    await apply(page);
    assert.equal((lastAsked(daemon) as { persist?: boolean }).persist, true);
    await page.getByText('It stays when the daemon ends.').waitFor();
  });

  test("what becomes of the page's own connection is chosen", async () => {
    const guard = page.getByRole('radiogroup', { name: "This page's own connection" });
    await guard.getByText('Try it').click();
    await page.getByText('comes back after 30 s unless you confirm').waitFor();
    assert.deepEqual(await accessibilityViolations(page), []);
    await picture(page, 'editor-options');
    await apply(page);
    assert.equal((lastAsked(daemon) as { guard?: string }).guard, 'provisional');
    await guard.getByText('Pass it').click();
    await apply(page);
    assert.equal('guard' in (lastAsked(daemon) as object), false);
  });

  test('a provisional change counts down until it is confirmed, and is no time to keep', async () => {
    const until = new Date(Date.now() + 30_000).toISOString();
    const match: TrafficMatch = { remote: ['192.0.2.9'], localPorts: ['7878'], protocol: 'tcp' };
    daemon.reported.set(API, { provisionalUntil: until, expiresAt: until, guarded: [match] });
    await apply(page);
    await page
      .getByRole('timer')
      .filter({ hasText: /0:[12]\d/u })
      .waitFor();
    await page.getByText('tcp · other end 192.0.2.9 · this end port 7878').waitFor();
    assert.equal(await page.getByText('Ends by itself').count(), 0);
    await fieldOf(page, 'Sends', 'Delay').fill('150');
    await apply(page);
    assert.equal(timeOf(lastAsked(daemon)), '');
    assert.deepEqual(await accessibilityViolations(page), []);
    await picture(page, 'editor-provisional');
    await button(page, 'Confirm').click();
    await page.getByText('Only for now').waitFor({ state: 'detached' });
    const { method, subject } = daemon.asked.at(-1) ?? {};
    assert.equal(`${method} ${subject}`, `POST ${API}`);
  });

  test("somebody else's change is told, and gone over only when that is asked for", async () => {
    const change = 'somebody else has put fq_codel 8001: in the place of what netweir had set';
    daemon.reported.set(API, { changedElsewhere: change });
    await page.getByText('Changed by somebody else').waitFor();
    await page.getByText('What to do:').first().waitFor();
    daemon.refusedUnlessReplaced.add(API);
    await button(page, 'Apply').click();
    assert.deepEqual(await accessibilityViolations(page), []);
    await button(page, 'Go on all the same').click();
    await page.getByText(/^Done\./u).waitFor();
    assert.equal((lastAsked(daemon) as { replace?: boolean }).replace, true);
    await button(page, 'Clear').click();
    await button(page, 'Go on all the same').click();
    await page.getByText('Cleared. The interface is as it was').waitFor();
  });
});

function timeOf(body: unknown): string {
  return (body as { for?: string }).for ?? '';
}

const COMPARISON: Comparison = {
  heading: 'forward',
  by: 'udp',
  quantity: 'delay',
  unit: 'ms',
  set: 100,
  achieved: 100.21,
  low: 100.1,
  high: 100.3,
  allowance: 0.5,
  samples: 500,
  verdict: 'as set',
  hints: [],
};
const DELAYS = { samples: 500, minMs: 100, medianMs: 100.2, meanMs: 100.2 };
const MEASUREMENT: Measurement = {
  from: { space: 'docker:shop-api-1', interface: 'eth0', address: '172.20.0.12', port: null },
  to: { space: null, interface: null, address: '172.20.0.1', port: 443 },
  startedAt: '2026-11-22T12:00:00Z',
  durationMs: 5000,
  roundTrip: {
    udp: { sent: 500, received: 490, delay: { ...DELAYS, p99Ms: 101, maxMs: 102, jitterMs: 0.1 } },
    icmp: null,
    tcp: null,
  },
  forward: null,
  backward: null,
  way: [],
  wayKnown: false,
  comparisons: [
    COMPARISON,
    {
      ...COMPARISON,
      quantity: 'rate',
      unit: 'bit/s',
      set: 10e6,
      achieved: 7.1e6,
      low: 7e6,
      high: 7.2e6,
      verdict: 'differs',
      hints: ['The queue limit drops packets: 312 of them. A larger `limitPackets` keeps them.'],
    },
  ],
  verdict: 'differs',
};

for (const [width, dark] of [
  [1440, false],
  [390, true],
] as const) {
  test(`sets what was achieved against what is set, in ${width} px`, async () => {
    await using daemon = await FakeDaemon.start(containersInventory());
    daemon.measurement = MEASUREMENT;
    const page = await opened(daemon, width, dark);
    const panel = page.getByRole('region', { name: 'Set against achieved' });
    const to = panel.getByLabel('To a space or an address');
    assert.equal(await to.inputValue(), 'host');
    await to.fill('no such place');
    await button(panel, 'Measure').click();
    await panel.getByText('Write a space that is in the list').waitFor();
    await to.fill('172.20.0.1:443');
    await button(panel, 'Measure').click();
    const delay = panel.getByRole('row', { name: /delay/u });
    assert.match(await delay.innerText(), /100 ms\s+100\.2 ms\s+100\.1 – 100\.3 ms\s+as set/u);
    const rate = panel.getByRole('row', { name: /rate/u }).first();
    assert.match(await rate.innerText(), /10\.0 Mbit\/s.*7\.10 Mbit\/s.*differs/su);
    await panel.getByText('The queue limit drops packets').waitFor();
    assert.deepEqual(daemon.asked.at(-1)?.body, {
      from: { space: 'docker:shop-api-1', interface: 'eth0' },
      to: { host: '172.20.0.1', port: 443 },
      duration: '5s',
    });
    assert.deepEqual(await accessibilityViolations(page), []);
    const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(over) <= 0, `${over} px too wide`);
    await panel.scrollIntoViewIfNeeded();
    await picture(page, `achieved-${width}`);
    await page.close();
  });
}

for (const [width, dark] of [
  [1440, false],
  [1440, true],
  [390, false],
  [390, true],
] as const) {
  const scheme = dark ? 'dark' : 'light';
  test(`the editor with rules, ${width} px ${scheme}: nothing overflows, and axe finds nothing`, async () => {
    await using daemon = await FakeDaemon.start(containersInventory());
    const page = await opened(daemon, width, dark);
    await fieldOf(page, 'Sends', 'Delay').fill('100');
    await button(page, 'Add rule').click();
    await page.getByLabel('Ports of the other end').fill('443');
    await fieldOf(rule(page, 1), 'Sends', 'Rate').fill('5');
    const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    assert.ok(Number(over) <= 0, `${over} px too wide`);
    assert.deepEqual(await accessibilityViolations(page), []);
    await picture(page, `editor-${width}-${scheme}`);
    await page.close();
  });
}
