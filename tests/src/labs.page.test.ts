import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { LabChange } from '@netweir/api';
import type { Browser, Locator, Page } from 'playwright-core';
import { accessibilityViolations, openBrowser, picture } from './support/browser.ts';
import { netweir } from './support/command.ts';
import { Daemon, Site } from './support/daemon.ts';
import { until } from './support/witness.ts';

const LABS = resolve(import.meta.dirname, '../../labs');
const HOME = 'home-nat';
const REGIONS = 'three-regions';
const DEADLINE_MS = 15_000;

let site: Site;
let daemon: Daemon;
let browser: Browser;
let page: Page;
/** What the browser complained of on the page of the test. */
const complaints: string[] = [];

/** Runs a command of netweir's, and gives what it printed. */
async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await netweir(site, ...args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Runs a program in a node, and gives what it printed. */
function inside(node: string, ...command: string[]): Promise<string> {
  return run('lab', 'exec', node, '--', ...command);
}

async function linkIn(
  node: string,
  name: string,
): Promise<{ readonly up: boolean; readonly mtu: number }> {
  const text = await inside(node, 'ip', '-j', 'link', 'show', 'dev', name);
  const [link] = JSON.parse(text) as { flags: string[]; mtu: number }[];
  return { up: link?.flags.includes('UP') ?? false, mtu: link?.mtu ?? 0 };
}

/** The least round trip of a few pings, in milliseconds. */
async function roundTrip(from: string, to: string): Promise<number> {
  const text = await inside(from, 'ping', '-nqc3', '-i0.2', '-W3', to);
  return Number(/= (?<least>[\d.]+)\//u.exec(text)?.groups?.least);
}

async function addressOf(lab: string, device: string): Promise<string> {
  const { devices } = await daemon.netweir.lab(lab);
  return devices.find(({ name }) => name === device)?.ipv4 ?? assert.fail(device);
}

async function newPage(width = 1440, dark = false): Promise<Page> {
  const made = await browser.newPage({
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: dark ? 'dark' : 'light',
  });
  made.setDefaultTimeout(DEADLINE_MS);
  made.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  made.on('pageerror', (error) => complaints.push(error.message));
  await made.goto(daemon.url);
  return made;
}

async function show(address: string, on = page): Promise<void> {
  await on.getByRole('link', { name: /^Labs/u }).waitFor();
  await on.evaluate(`location.hash = ${JSON.stringify(`#labs/${address}`)}`);
  await on.locator('[data-lab-node="ix"]').waitFor();
}

function node(name: string, on = page): Locator {
  return on.locator(`[data-lab-node="${name}"]`);
}

function edge(id: string, on = page): Locator {
  return on.locator(`[data-lab-edge="${id}"]`);
}

function panel(on = page): Locator {
  return on.getByRole('complementary', { name: 'Of the lab' });
}

function statusOf(id: string, status: string): Locator {
  return page.locator(`[data-lab-edge="${id}"][data-status="${status}"]`);
}

before(async () => {
  site = new Site();
  daemon = await Daemon.start(site);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await daemon?.[Symbol.asyncDispose]();
  site?.[Symbol.dispose]();
});

test('without a lab the page says how to start one, and shows it once it is there', async () => {
  page = await newPage();
  await page.getByRole('link', { name: /^Labs/u }).click();
  await page.getByText('netweir lab up FILE').waitFor();
  assert.deepEqual(await accessibilityViolations(page), []);
  await run('lab', 'up', join(LABS, `${HOME}.toml`), '--detach');
  await node('laptop').waitFor();
  const [summary] = await daemon.netweir.labs();
  const shown = await page
    .locator('[data-lab-node]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-lab-node') ?? ''));
  assert.deepEqual(shown.toSorted(), summary?.nodes.toSorted());
  await page.close();
});

describe('a lab on the page', () => {
  before(async () => {
    await run('lab', 'up', join(LABS, `${REGIONS}.toml`), '--detach');
  });
  beforeEach(async () => {
    complaints.length = 0;
    page = await newPage();
    await show(HOME);
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(complaints, [], 'the browser complained');
  });

  test('has an edge for every link, which a click opens', async () => {
    const state = await daemon.netweir.lab(HOME);
    for (const { name, interfaces } of [...state.routers, ...state.devices]) {
      for (const one of interfaces) {
        if (one.to !== null) await edge(`${name}/${one.name}`).waitFor();
      }
    }
    await edge('laptop/eth0').click();
    await panel().getByRole('heading', { name: 'eth0' }).waitFor();
    assert.match(page.url(), /#labs\/home-nat\/laptop\/eth0$/u);
    await page.reload();
    await panel().getByRole('heading', { name: 'eth0' }).waitFor();
  });

  test('a click on a device, and its link is down, as ip says inside', async () => {
    await node('laptop').click();
    const link = panel().getByRole('switch', { name: 'eth0 up' });
    await link.dispatchEvent('click');
    await statusOf('laptop/eth0', 'down').waitFor();
    assert.equal((await linkIn(`${HOME}/laptop`, 'eth0')).up, false);
    await link.dispatchEvent('click');
    await statusOf('laptop/eth0', 'up').waitFor();
    assert.equal((await linkIn(`${HOME}/laptop`, 'eth0')).up, true);
  });

  test('conditions by preset and in detail, each way, as ping finds inside', async () => {
    const server = await addressOf(HOME, 'server');
    assert.ok((await roundTrip(`${HOME}/laptop`, server)) < 30);
    await edge('laptop/eth0').click();
    await panel().getByLabel('Both ways').selectOption('satellite-geo');
    await edge('laptop/eth0').getByText('satellite-geo').waitFor();
    assert.ok((await roundTrip(`${HOME}/laptop`, server)) > 500);
    await panel().getByLabel('Receives', { exact: true }).first().selectOption('');
    await edge('laptop/eth0').getByText('↑ satellite-geo').waitFor();
    await panel().getByLabel('Both ways').selectOption('');
    await edge('laptop/eth0').getByText('satellite-geo').waitFor({ state: 'detached' });
    await panel().getByText('In detail').click();
    await panel().getByRole('textbox', { name: 'Delay', exact: true }).fill('120');
    await panel().getByRole('button', { name: 'Set the conditions' }).click();
    await edge('laptop/eth0').getByText('delay 120ms').waitFor();
    const rtt = await roundTrip(`${HOME}/laptop`, server);
    assert.ok(rtt >= 120 && rtt < 160, `${rtt} ms`);
    await panel().getByLabel('Both ways').selectOption('');
    await edge('laptop/eth0').getByText('delay 120ms').waitFor({ state: 'detached' });
  });

  test('NAT, firewall and blocked messages of a router change its rules, as nft says', async () => {
    const rules = (): Promise<string> =>
      inside(`${HOME}/home`, 'nft', '-j', 'list', 'ruleset').then(withoutHandles);
    let before = await rules();
    const changes = async (what: string): Promise<void> => {
      const now = await rules();
      assert.notEqual(now, before, what);
      before = now;
    };
    await node('home').click();
    await panel().getByLabel('NAT of IPv4').selectOption('corporate');
    await node('home').getByText('NAT corporate').waitFor();
    await changes('NAT');
    await panel().getByLabel('NAT of IPv6').selectOption('masquerade');
    await node('home').getByText('masquerade').waitFor();
    await changes('NAT of IPv6');
    await panel().getByLabel('Firewall', { exact: true }).selectOption('none');
    await node('home').getByText('block-inbound').waitFor({ state: 'detached' });
    await changes('firewall');
    await panel()
      .getByRole('switch', { name: /packet too big/u })
      .dispatchEvent('click');
    await node('home').getByText('no frag-needed').waitFor();
    await changes('blocked messages');
    await panel().getByRole('button', { name: 'Flush NAT' }).click();
    await panel().getByText('Flushed').waitFor();
  });

  test('the MTU, and what it may not be', async () => {
    await edge('phone/wlan0').click();
    const field = panel().getByLabel('Bytes', { exact: true });
    await field.fill('900');
    await panel().getByText('from 1280 to 65535').waitFor();
    await field.fill('1400');
    await panel().getByRole('button', { name: 'Set the MTU' }).click();
    await until('the MTU is 1400', DEADLINE_MS, async () => {
      const { mtu } = await linkIn(`${HOME}/phone`, 'wlan0');
      return mtu === 1400;
    });
  });

  test('what the command does is on the page within a second', async () => {
    await run('lab', 'set', `${HOME}/phone/wlan0`, '--down');
    await statusOf('phone/wlan0', 'down').waitFor({ timeout: 1000 });
    await run('lab', 'set', `${HOME}/phone/wlan0`, '--up', '--condition', 'mobile-3g');
    await edge('phone/wlan0').getByText('mobile-3g').waitFor({ timeout: 1000 });
    await page.getByText('What happened').click();
    await page.getByText('phone/wlan0', { exact: true }).first().waitFor();
  });

  test('traffic is on the edges that it passes', async () => {
    const server = await addressOf(HOME, 'server');
    const pinging = inside(`${HOME}/laptop`, 'ping', '-nqc40', '-i0.1', '-s1200', server);
    await edge('laptop/eth0').locator('[data-traffic]').first().waitFor();
    await edge('home/ix').locator('[data-traffic]').first().waitFor();
    await pinging;
  });

  test('a node is reached and opened by the keyboard, and closed', async () => {
    await node('laptop').focus();
    await page.keyboard.press('Enter');
    await panel().getByRole('heading', { name: 'laptop' }).waitFor();
    await panel().getByRole('button', { name: 'Close' }).press('Enter');
    await panel().waitFor({ state: 'detached' });
    const list = page.getByRole('region', { name: 'Nodes and links' });
    await list.getByRole('button', { name: /^eth0 to home/u }).press('Enter');
    await panel().getByRole('heading', { name: 'eth0' }).waitFor();
  });

  test('a node leads to its space in the list, and back', async () => {
    await edge('phone/wlan0').click();
    await panel()
      .getByRole('button', { name: `lab:${HOME}/phone/wlan0` })
      .click();
    await page.getByRole('complementary', { name: 'Interface' }).waitFor();
    const space = page.locator(`[data-space="lab:${HOME}/phone"]`);
    await space.getByRole('link', { name: `in lab ${HOME}` }).click();
    await panel().getByRole('heading', { name: 'phone' }).waitFor();
  });

  test('a refused change is told with its reason, and what is shown stays', async () => {
    await edge('laptop/eth0').click();
    await panel().getByLabel('Plugged in at').selectOption('datacentre');
    await page.route('**/changes', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({
          type: 'urn:netweir:error:lab-refused',
          title: 'The lab refuses',
          status: 409,
          detail: 'the router has no address left',
          code: 'lab-refused',
        }),
      }),
    );
    await panel().getByRole('button', { name: 'Replug' }).click();
    await panel().getByText('the router has no address left').waitFor();
    await panel().getByRole('button', { name: 'home', exact: true }).waitFor();
    // The browser tells of the status itself.
    complaints.length = 0;
  });

  test('a link between regions breaks and is whole again, as ping finds', async () => {
    await show(REGIONS);
    const replica = await addressOf(REGIONS, 'replica');
    const direct = await roundTrip(`${REGIONS}/server`, replica);
    assert.ok(direct >= 80 && direct < 130, `${direct} ms`);
    await edge('eu~us').click();
    await panel().getByRole('button', { name: 'Break: reroute' }).click();
    await statusOf('eu~us', 'reroute').waitFor();
    assert.ok((await roundTrip(`${REGIONS}/server`, replica)) > 400);
    await panel().getByRole('button', { name: 'Restore' }).click();
    await statusOf('eu~us', 'up').waitFor();
    await panel().getByLabel('eu to us').selectOption('');
    await edge('eu~us').getByText('← delay 40ms').waitFor();
    const oneWay = await roundTrip(`${REGIONS}/server`, replica);
    assert.ok(oneWay >= 40 && oneWay < 70, `${oneWay} ms`);
  });

  test('a device is plugged in elsewhere, and nothing else moves that need not', async () => {
    await show(REGIONS);
    await edge('phone/cell0').click();
    const was = await addressOf(REGIONS, 'phone');
    await panel().getByLabel('Plugged in at').selectOption('virginia');
    await panel().getByRole('button', { name: 'Replug' }).click();
    await panel().getByRole('button', { name: 'virginia', exact: true }).waitFor();
    assert.notEqual(await addressOf(REGIONS, 'phone'), was);
    const place = (): Promise<string> =>
      page.locator('.react-flow__node[data-id="server"]').getAttribute('style').then(String);
    const before = await place();
    const change: LabChange = { type: 'link', node: 'server', interface: 'eth0', state: 'down' };
    await daemon.netweir.changeLab(REGIONS, change);
    await statusOf('server/eth0', 'down').waitFor();
    assert.equal(await place(), before);
    await daemon.netweir.changeLab(REGIONS, { ...change, state: 'up' });
  });
});

for (const [width, dark] of [
  [1440, false],
  [1440, true],
  [390, false],
  [390, true],
] as const) {
  test(`a lab at ${width} px ${dark ? 'dark' : 'light'}: nothing overflows, and axe finds nothing`, async () => {
    page = await newPage(width, dark);
    const isSound = async (name: string): Promise<void> => {
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok(Number(over) <= 0, `${name} is ${over} px too wide`);
      assert.deepEqual(await accessibilityViolations(page), [], name);
      await picture(page, `lab-${name}-${width}-${dark ? 'dark' : 'light'}`);
    };
    await show(REGIONS);
    await edge('eu~us').waitFor();
    await isSound('graph');
    for (const [name, heading] of [
      ['tokyo', 'tokyo'],
      ['phone/cell0', 'cell0'],
      ['eu~us', 'eu – us'],
    ] as const) {
      await show(`${REGIONS}/${name}`);
      const heard = page.getByRole('heading', { name: heading, exact: true });
      await heard.waitFor();
      if (name === 'phone/cell0') await page.getByText('In detail').click();
      await isSound(heading.replaceAll(/\W+/gu, '-'));
    }
    await page.close();
  });
}

test('a lab of 100 nodes is drawn within two seconds, and follows its events', async () => {
  const routers = Array.from(
    { length: 10 },
    (_, at) => `[[router]]\nname = "r${at}"\nnat = "home"\n`,
  );
  const devices = Array.from(
    { length: 89 },
    (_, at) => `[device.d${at}.eth0]\ngateway = "r${at % 10}"\n`,
  );
  const file = join(site.directory, 'hundred.toml');
  writeFileSync(file, [...routers, ...devices].join('\n'));
  await run('lab', 'up', file, '--detach');
  page = await newPage();
  await page.getByRole('link', { name: /^Labs/u }).waitFor();
  const start = Date.now();
  await show('hundred/d88');
  await edge('d88/eth0').waitFor();
  const elapsedMs = Date.now() - start;
  assert.ok(elapsedMs < 2000, `${elapsedMs} ms`);
  assert.equal(await page.locator('[data-lab-node]').count(), 100);
  await daemon.netweir.changeLab('hundred', {
    type: 'link',
    node: 'd88',
    interface: 'eth0',
    state: 'down',
  });
  await statusOf('d88/eth0', 'down').waitFor({ timeout: 1000 });
  assert.deepEqual(await accessibilityViolations(page), []);
  await page.close();
});

test('a lab is taken down after a question', async () => {
  page = await newPage();
  await show('hundred');
  await page.getByRole('button', { name: 'Take down …' }).click();
  await page.getByRole('button', { name: 'Take it down' }).click();
  await page.getByRole('link', { name: new RegExp(HOME, 'u') }).waitFor();
  assert.ok((await daemon.netweir.labs()).every(({ name }) => name !== 'hundred'));
  await show(HOME);
  await run('lab', 'down', HOME);
  await page.getByText('There is no lab').waitFor();
  await page.close();
});

/** Numbers that every list of the same rules has anew, and what has been counted. */
function withoutHandles(text: string): string {
  return text.replaceAll(/"(?:handle|index|packets|bytes)": ?\d+/gu, '');
}
