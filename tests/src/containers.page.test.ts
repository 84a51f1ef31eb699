import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { accessibilityViolations, fieldOf, openBrowser, picture } from './support/browser.ts';
import { FakeDaemon } from './support/fake-daemon.ts';
import { containersInventory, largeInventory } from './support/fake-inventory.ts';

const WEB = 'docker:shop-web-1';
const DB = 'docker:shop-db-1';

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

function groupsShown(page: Page): Promise<string[]> {
  return page.locator('section[aria-label] > div > h3').allInnerTexts();
}

async function opened(daemon: FakeDaemon, width = 1440, dark = false): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width, height: 1000 },
    colorScheme: dark ? 'dark' : 'light',
  });
  page.setDefaultTimeout(15_000);
  await page.goto(daemon.url);
  await page.getByRole('heading', { name: 'Spaces', exact: true }).waitFor();
  return page;
}

describe('the page of a machine with containers', () => {
  let daemon: FakeDaemon;
  let page: Page;

  before(async () => {
    daemon = await FakeDaemon.start(containersInventory());
    daemon.refusals.set(`${DB}/eth0`, 'somebody else set a qdisc there');
  });
  after(() => daemon[Symbol.asyncDispose]());
  beforeEach(async () => {
    page = await opened(daemon);
  });
  afterEach(() => page.close());

  test('groups by runtime at first, and keeps another grouping after a reload', async () => {
    assert.deepEqual(await groupsShown(page), [
      'This machine',
      'Docker',
      'Podman',
      'containerd',
      'Named namespaces',
      'Processes with a namespace of their own',
    ]);
    await page.getByLabel('Group by').selectOption('network');
    await page.reload();
    await page.getByRole('button', { name: 'shop_back' }).waitFor();
    const inNetwork = (name: string): Promise<number> =>
      page.getByRole('region', { name, exact: true }).locator(`[data-space="${WEB}"]`).count();
    assert.equal(await inNetwork('shop_front'), 1);
    assert.equal(await inNetwork('shop_back'), 1);
    assert.equal(await inNetwork('blog_default'), 0);
  });

  test('a group folds and unfolds', async () => {
    const fold = page.getByRole('button', { name: 'Podman', exact: true });
    const inside = page.locator('[data-space="podman:vpn"]');
    assert.equal(await inside.count(), 1);
    await fold.click();
    assert.equal(await inside.count(), 0);
    assert.equal(await fold.getAttribute('aria-expanded'), 'false');
    await fold.press('Enter');
    assert.equal(await inside.count(), 1);
  });

  test('tells what sort a space is, and what an internal network means', async () => {
    // What is far below is not laid out, and so has text but no inner text.
    const of = (id: string): Promise<string | null> =>
      page.locator(`[data-space="${id}"]`).textContent();
    assert.match((await of('docker:shop-cache-1')) ?? '', /paused/u);
    assert.match((await of('podman:builder')) ?? '', /rootless/u);
    assert.match((await of('podman:vpn')) ?? '', /shared by vpn, torrent, indexer/u);
    assert.match((await of('pod:shop/cart-1')) ?? '', /pod shop\/cart-1/u);
    assert.match((await of('host')) ?? '', /2 host-networked: node-exporter, dns/u);
    assert.match((await of(WEB)) ?? '', /by rule slow-front/u);
    await page.locator(`[data-space="${DB}"]`).getByText('internal').hover();
    await page.getByRole('tooltip').getByText('No way out').waitFor();
  });

  test('finds by label and address, and shows only what is asked for', async () => {
    await page.getByLabel('Filter interfaces').fill('tier=front 172.20');
    await page.getByText('2 spaces · 2 interfaces', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Empty the filter' }).click();
    await page.getByText('Paused', { exact: true }).click();
    await page.getByText('1 space · 2 interfaces', { exact: false }).first().waitFor();
  });

  test('shows stopped containers when asked to', async () => {
    assert.equal(await page.getByText('old-web').count(), 0);
    await page.getByText('2 stopped').click();
    await page.getByText('old-web').waitFor();
    daemon.emit({ type: 'stopped', stopped: [] });
    await page.getByText('old-web').waitFor({ state: 'detached' });
    daemon.emit({ type: 'stopped', stopped: containersInventory().stopped });
  });

  test('says which runtimes are not current and which namespaces cannot be read', async () => {
    await page.getByText('Not everything may be here').click();
    await page.getByText('did not answer', { exact: false }).waitFor();
    await page.getByText('permission denied').waitFor();
    await page.getByText('stale-ns').waitFor();
  });

  test('impairs many at once and tells which failed and why', async () => {
    daemon.asked.length = 0;
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.getByLabel(`Select all of ${WEB} but loopbacks`).check();
    await page.getByLabel(`Select ${DB}/eth0`).check();
    await page.getByText('3 interfaces selected').waitFor();
    await page.getByRole('button', { name: 'Impair …' }).click();
    await fieldOf(page, 'Sends', 'Delay').fill('50');
    await page.getByRole('button', { name: 'Apply to 3' }).click();
    await page.getByText('2 interfaces impaired, 1 failed.').waitFor();
    await page.getByText('somebody else set a qdisc there').waitFor();
    assert.deepEqual(daemon.asked.map(({ method, subject }) => `${method} ${subject}`).sort(), [
      `PUT ${DB}/eth0`,
      `PUT ${WEB}/eth0`,
      `PUT ${WEB}/eth1`,
    ]);
    assert.deepEqual(daemon.asked[0]?.body, { egress: { delay: { mean: '50ms' } } });
    assert.deepEqual(await accessibilityViolations(page), []);
    await picture(page, 'containers-bulk');
    await page.getByRole('button', { name: 'Clear 3' }).click();
    await page.getByText('2 interfaces cleared, 1 failed.').waitFor();
  });

  test('a whole group is chosen by its box, and the filter hides what stays chosen', async () => {
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.getByLabel('Select all of Podman but loopbacks').check();
    await page.getByText('6 interfaces selected').waitFor();
    await page.getByLabel('Filter interfaces').fill('vpn');
    await page.getByText('5 not shown').waitFor();
  });

  test('the detail tells the container, and leads to the other end and the bridge', async () => {
    await page.getByRole('button', { name: `${WEB}/eth1`, exact: true }).click();
    const detail = page.getByRole('complementary', { name: 'Interface' });
    await detail.getByText('project shop, service web').waitFor();
    const text = await detail.innerText();
    for (const part of [
      'registry.example/shop/web:2.4.1',
      'running, process 4242',
      '0.0.0.0:8080 → 80/tcp',
    ]) {
      assert.ok(text.includes(part), part);
    }
    await detail.getByRole('button', { name: 'host/br-back', exact: true }).waitFor();
    await detail
      .getByRole('button', { name: /^host\/veth/u })
      .first()
      .click();
    await detail.getByRole('heading', { name: /^up veth/u }).waitFor();
  });
});

for (const [width, dark] of [
  [1440, false],
  [1440, true],
  [390, false],
  [390, true],
] as const) {
  test(`${width} px ${dark ? 'dark' : 'light'}: nothing overflows, and axe finds nothing`, async () => {
    await using daemon = await FakeDaemon.start(containersInventory());
    const page = await opened(daemon, width, dark);
    const isSound = async (name: string): Promise<void> => {
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok(Number(over) <= 0, `${name} is ${over} px too wide`);
      assert.deepEqual(await accessibilityViolations(page), [], name);
      await picture(page, `containers-${name}-${width}-${dark ? 'dark' : 'light'}`);
    };
    await isSound('list');
    await page.getByText('2 stopped').click();
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await isSound('choosing');
    await page.getByRole('button', { name: `${WEB}/eth0`, exact: true }).click();
    await page.getByText('project shop, service web').waitFor();
    await isSound('detail');
    await page.close();
  });
}

/** Notes when a message came, before the page itself sees it. */
const RECORD_ARRIVAL = `
  const Native = WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(address) {
      super(address);
      this.addEventListener('message', () => { globalThis.arrivedAt = performance.now(); });
    }
  };
`;

/** Makes `shownAfter` the milliseconds from the message to the space's changed heading. */
const watchForTally = (id: string): void => {
  const { document, MutationObserver, performance } = globalThis as unknown as BrowserGlobals;
  const section = document.querySelector(`[data-space="${id}"]`);
  Object.assign(globalThis, {
    shownAfter: new Promise<number>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!section.textContent.includes('1 impaired')) return;
        observer.disconnect();
        const { arrivedAt } = globalThis as unknown as { arrivedAt: number };
        resolve(performance.now() - arrivedAt);
      });
      observer.observe(section, { subtree: true, childList: true, characterData: true });
    }),
  });
};

interface BrowserGlobals {
  readonly document: { querySelector(selector: string): { readonly textContent: string } };
  readonly MutationObserver: new (
    done: () => void,
  ) => { observe(target: unknown, options: object): void; disconnect(): void };
  readonly performance: { now(): number };
}

test('among 1,000 spaces of 5 interfaces a change is on the page within 100 ms', async () => {
  const inventory = largeInventory(1000);
  await using daemon = await FakeDaemon.start(inventory);
  const page = await browser.newPage();
  await page.addInitScript(RECORD_ARRIVAL);
  await page.goto(daemon.url);
  await page.locator('[data-space="docker:app-0"]').waitFor({ timeout: 60_000 });
  const times: number[] = [];
  for (const space of inventory.spaces.slice(100, 115)) {
    const [, one] = space.interfaces;
    assert.ok(one);
    await page.evaluate(watchForTally, space.id);
    daemon.emit({
      type: 'interface',
      space: space.id,
      interface: { ...one, egress: { delay: { mean: '10ms' } } },
    });
    times.push(Number(await page.evaluate('globalThis.shownAfter')));
  }
  await page.close();
  const median = times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  assert.ok(median < 100, `${times.map((ms) => ms.toFixed(0)).join(' ')} ms`);
});
