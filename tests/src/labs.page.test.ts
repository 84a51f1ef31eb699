import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { LabChange } from '@netweir/api';
import { accessibilityViolations, fieldOf } from './support/browser.ts';
import { CLEAN, type LabPage, LabStage } from './support/lab-page.ts';
import { until } from './support/witness.ts';

const HOME = 'home-nat';
const REGIONS = 'three-regions';
const DEADLINE_MS = 15_000;

let stage: LabStage;
let shown: LabPage;
before(async () => {
  stage = await LabStage.start();
});
after(() => stage[Symbol.asyncDispose]());

/** Runs a program in a node, and gives what it printed. */
function inside(node: string, ...command: string[]): Promise<string> {
  return stage.run('lab', 'exec', node, '--', ...command);
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
  const { devices } = await stage.daemon.netweir.lab(lab);
  return devices.find(({ name }) => name === device)?.ipv4 ?? assert.fail(device);
}

test('without a lab the page says how to start one, and shows it once it is there', async () => {
  shown = await stage.open();
  await shown.toLabs.click();
  await shown.page.getByText('netweir lab up FILE').waitFor();
  assert.deepEqual(await accessibilityViolations(shown.page), []);
  await stage.up(HOME);
  await shown.node('laptop').waitFor();
  const [summary] = await stage.daemon.netweir.labs();
  const drawn = await shown.page
    .locator('[data-lab-node]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-lab-node') ?? ''));
  assert.deepEqual(drawn.toSorted(), summary?.nodes.toSorted());
  await shown.page.close();
});

describe('a lab on the page', () => {
  before(async () => {
    await stage.up(REGIONS);
  });
  beforeEach(async () => {
    shown = await stage.open();
    await shown.show(HOME);
  });
  afterEach(async () => {
    await shown.page.close();
    assert.deepEqual(shown.complaints, [], 'the browser complained');
  });

  test('has an edge for every link, which a click opens', async () => {
    const state = await stage.daemon.netweir.lab(HOME);
    for (const { name, interfaces } of [...state.routers, ...state.devices]) {
      for (const one of interfaces) {
        if (one.to !== null) await shown.edge(`${name}/${one.name}`).waitFor();
      }
    }
    await shown.edge('laptop/eth0').click();
    await shown.panel.getByRole('heading', { name: 'eth0' }).waitFor();
    assert.match(shown.page.url(), /#labs\/home-nat\/laptop\/eth0$/u);
    await shown.page.reload();
    await shown.panel.getByRole('heading', { name: 'eth0' }).waitFor();
  });

  test('a click on a device, and its link is down, as ip says inside', async () => {
    await shown.node('laptop').click();
    const link = shown.panel.getByRole('switch', { name: 'eth0 up' });
    await link.dispatchEvent('click');
    await shown.edge('laptop/eth0', 'down').waitFor();
    assert.equal((await linkIn(`${HOME}/laptop`, 'eth0')).up, false);
    await link.dispatchEvent('click');
    await shown.edge('laptop/eth0', 'up').waitFor();
    assert.equal((await linkIn(`${HOME}/laptop`, 'eth0')).up, true);
  });

  test('conditions by preset and in detail, each way, as ping finds inside', async () => {
    const server = await addressOf(HOME, 'server');
    assert.ok((await roundTrip(`${HOME}/laptop`, server)) < 30);
    await shown.edge('laptop/eth0').click();
    await shown.panel.getByLabel('Both ways').selectOption('satellite-geo');
    const geo = 'satellite-geo';
    await shown.edgeThat('laptop/eth0', { sends: geo, receives: geo }).waitFor();
    assert.ok((await roundTrip(`${HOME}/laptop`, server)) > 500);
    await shown.panel.getByLabel('Receives', { exact: true }).first().selectOption('');
    await shown.edgeThat('laptop/eth0', { sends: geo, receives: CLEAN }).waitFor();
    await shown.panel.getByLabel('Both ways').selectOption('');
    await shown.edgeThat('laptop/eth0', { sends: CLEAN, receives: CLEAN }).waitFor();
    await shown.panel.getByText('In detail').click();
    await fieldOf(shown.panel, 'Sends', 'Delay').fill('120');
    await shown.panel.getByRole('button', { name: 'Set the conditions' }).click();
    await shown.edgeThat('laptop/eth0', { sends: 'delay 120ms', receives: CLEAN }).waitFor();
    const rtt = await roundTrip(`${HOME}/laptop`, server);
    assert.ok(rtt >= 120 && rtt < 160, `${rtt} ms`);
    await shown.panel.getByLabel('Both ways').selectOption('');
    await shown.edgeThat('laptop/eth0', { sends: CLEAN, receives: CLEAN }).waitFor();
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
    await shown.node('home').click();
    await shown.panel.getByLabel('NAT of IPv4').selectOption('corporate');
    await shown.node('home').getByText('NAT corporate').waitFor();
    await changes('NAT');
    await shown.panel.getByLabel('NAT of IPv6').selectOption('masquerade');
    await shown.node('home').getByText('masquerade').waitFor();
    await changes('NAT of IPv6');
    await shown.panel.getByLabel('Firewall', { exact: true }).selectOption('none');
    await shown.node('home').getByText('block-inbound').waitFor({ state: 'detached' });
    await changes('firewall');
    await shown.panel.getByRole('switch', { name: /packet too big/u }).dispatchEvent('click');
    await shown.node('home').getByText('no frag-needed').waitFor();
    await changes('blocked messages');
    await shown.panel.getByRole('button', { name: 'Flush NAT' }).click();
    await shown.panel.getByText('Flushed').waitFor();
  });

  test('the MTU, and what it may not be', async () => {
    await shown.edge('phone/wlan0').click();
    const field = shown.panel.getByLabel('Bytes', { exact: true });
    await field.fill('60');
    await shown.panel.getByText('from 68 to 65535').waitFor();
    await field.fill('1400');
    await shown.panel.getByRole('button', { name: 'Set the MTU' }).click();
    await until('the MTU is 1400', DEADLINE_MS, async () => {
      const { mtu } = await linkIn(`${HOME}/phone`, 'wlan0');
      return mtu === 1400;
    });
  });

  test('what the command does is on the page without a reload', async () => {
    await stage.run('lab', 'set', `${HOME}/phone/wlan0`, '--down');
    await shown.edge('phone/wlan0', 'down').waitFor();
    await stage.run('lab', 'set', `${HOME}/phone/wlan0`, '--up', '--condition', 'mobile-3g');
    const both = { sends: 'mobile-3g', receives: 'mobile-3g' };
    await shown.edgeThat('phone/wlan0', both).waitFor();
    await shown.page.getByText('What happened').click();
    await shown.page.getByText('phone/wlan0', { exact: true }).first().waitFor();
  });

  test('traffic is on the edges that it passes', async () => {
    const server = await addressOf(HOME, 'server');
    const pinging = inside(`${HOME}/laptop`, 'ping', '-nqc40', '-i0.1', '-s1200', server);
    await shown.edge('laptop/eth0').locator('[data-traffic]').first().waitFor();
    await shown.edge('home/ix').locator('[data-traffic]').first().waitFor();
    await pinging;
  });

  test('a node is reached and opened by the keyboard, and closed', async () => {
    await shown.node('laptop').focus();
    await shown.page.keyboard.press('Enter');
    await shown.panel.getByRole('heading', { name: 'laptop' }).waitFor();
    await shown.panel.getByRole('button', { name: 'Close' }).press('Enter');
    await shown.panel.waitFor({ state: 'detached' });
    const list = shown.page.getByRole('region', { name: 'Nodes and links' });
    await list.getByRole('button', { name: /^eth0 to home/u }).press('Enter');
    await shown.panel.getByRole('heading', { name: 'eth0' }).waitFor();
  });

  test('a node leads to its space in the list, and back', async () => {
    await shown.edge('phone/wlan0').click();
    await shown.panel.getByRole('button', { name: `lab:${HOME}/phone/wlan0` }).click();
    await shown.page.getByRole('complementary', { name: 'Interface' }).waitFor();
    const space = shown.page.locator(`[data-space="lab:${HOME}/phone"]`);
    await space.getByRole('link', { name: `in lab ${HOME}` }).click();
    await shown.panel.getByRole('heading', { name: 'phone' }).waitFor();
  });

  test('a refused change is told with its reason, and what is shown stays', async () => {
    await shown.edge('laptop/eth0').click();
    await shown.panel.getByLabel('Plugged in at').selectOption('datacentre');
    await shown.page.route('**/changes', (route) =>
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
    await shown.panel.getByRole('button', { name: 'Replug' }).click();
    await shown.panel.getByText('the router has no address left').waitFor();
    await shown.panel.getByRole('button', { name: 'home', exact: true }).waitFor();
    // The browser tells of the status itself.
    shown.complaints.length = 0;
  });

  test('a link between regions breaks and is whole again, as ping finds', async () => {
    await shown.show(REGIONS);
    const replica = await addressOf(REGIONS, 'replica');
    const direct = await roundTrip(`${REGIONS}/server`, replica);
    assert.ok(direct >= 80 && direct < 130, `${direct} ms`);
    await shown.edge('eu~us').click();
    await shown.panel.getByRole('button', { name: 'Break: reroute' }).click();
    await shown.edge('eu~us', 'reroute').waitFor();
    assert.ok((await roundTrip(`${REGIONS}/server`, replica)) > 400);
    await shown.panel.getByRole('button', { name: 'Restore' }).click();
    await shown.edge('eu~us', 'up').waitFor();
    await shown.panel.getByLabel('eu to us').selectOption('');
    await shown.edgeThat('eu~us', { sends: CLEAN, receives: 'delay 40ms' }).waitFor();
    const oneWay = await roundTrip(`${REGIONS}/server`, replica);
    assert.ok(oneWay >= 40 && oneWay < 70, `${oneWay} ms`);
  });

  test('a device is plugged in elsewhere, and nothing else moves that need not', async () => {
    await shown.show(REGIONS);
    await shown.edge('phone/cell0').click();
    const was = await addressOf(REGIONS, 'phone');
    await shown.panel.getByLabel('Plugged in at').selectOption('virginia');
    await shown.panel.getByRole('button', { name: 'Replug' }).click();
    await shown.panel.getByRole('button', { name: 'virginia', exact: true }).waitFor();
    assert.notEqual(await addressOf(REGIONS, 'phone'), was);
    const place = (): Promise<string> =>
      shown.page.locator('.react-flow__node[data-id="server"]').getAttribute('style').then(String);
    const before = await place();
    const change: LabChange = { type: 'link', node: 'server', interface: 'eth0', state: 'down' };
    await stage.daemon.netweir.changeLab(REGIONS, change);
    await shown.edge('server/eth0', 'down').waitFor();
    assert.equal(await place(), before);
    await stage.daemon.netweir.changeLab(REGIONS, { ...change, state: 'up' });
  });
});

test('a lab is taken down after a question', async () => {
  shown = await stage.open();
  await shown.show(REGIONS);
  const takeDown = shown.page.getByRole('button', { name: 'Take down …' });
  const leave = shown.page.getByRole('button', { name: 'Leave it up' });
  await takeDown.press('Enter');
  await leave.and(shown.page.locator(':focus')).waitFor();
  await shown.page.keyboard.press('Enter');
  await leave.waitFor({ state: 'detached' });
  await takeDown.and(shown.page.locator(':focus')).waitFor();
  assert.ok((await stage.daemon.netweir.labs()).some(({ name }) => name === REGIONS));
  await takeDown.click();
  await shown.page.getByRole('button', { name: 'Take it down' }).click();
  await shown.page.getByRole('heading', { name: HOME }).waitFor();
  assert.ok((await stage.daemon.netweir.labs()).every(({ name }) => name !== REGIONS));
  await shown.show(HOME);
  await stage.run('lab', 'down', HOME);
  await shown.page.getByText('There is no lab').waitFor();
  await shown.page.close();
});

/** Numbers that every list of the same rules has anew, and what has been counted. */
function withoutHandles(text: string): string {
  return text.replaceAll(/"(?:handle|index|packets|bytes)": ?\d+/gu, '');
}
