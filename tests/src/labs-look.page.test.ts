import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessibilityViolations, picture } from './support/browser.ts';
import { LabStage } from './support/lab-page.ts';
import { until } from './support/witness.ts';

const REGIONS = 'three-regions';

let stage: LabStage;
before(async () => {
  stage = await LabStage.start();
  await stage.up(REGIONS);
});
after(() => stage[Symbol.asyncDispose]());

for (const [width, dark] of [
  [1440, false],
  [1440, true],
  [390, false],
  [390, true],
] as const) {
  test(`a lab at ${width} px ${dark ? 'dark' : 'light'}: nothing overflows, and axe finds nothing`, async () => {
    const shown = await stage.open(width, dark);
    const isSound = async (name: string): Promise<void> => {
      const over = await shown.page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok(Number(over) <= 0, `${name} is ${over} px too wide`);
      assert.deepEqual(await accessibilityViolations(shown.page), [], name);
      await picture(shown.page, `lab-${name}-${width}-${dark ? 'dark' : 'light'}`);
    };
    await shown.show(REGIONS);
    await shown.edge('eu~us').waitFor();
    await isSound('graph');
    for (const [name, heading] of [
      ['tokyo', 'tokyo'],
      ['phone/cell0', 'cell0'],
      ['eu~us', 'eu – us'],
    ] as const) {
      await shown.show(`${REGIONS}/${name}`);
      const heard = shown.page.getByRole('heading', { name: heading, exact: true });
      await heard.waitFor();
      if (name === 'phone/cell0') await shown.page.getByText('In detail').click();
      await isSound(heading.replaceAll(/\W+/gu, '-'));
    }
    await shown.page.close();
  });
}

test('what the keyboard reaches in a drawing comes into its window', async () => {
  const shown = await stage.open();
  await shown.show(REGIONS);
  const closer = shown.page.getByRole('button', { name: 'Zoom In' });
  while (await closer.isEnabled()) await closer.click();
  const isInWindow = (): Promise<boolean> =>
    shown.page.evaluate(`(() => {
      const own = document.activeElement.getBoundingClientRect();
      const window = document.activeElement.closest('section').getBoundingClientRect();
      return own.top >= window.top && own.bottom <= window.bottom && own.left >= window.left;
    })()`);
  for (const one of [shown.edge('server/eth0'), shown.node('server')]) {
    // By the keyboard, whose focus is visible.
    await one.focus();
    await shown.page.keyboard.press('Shift+Tab');
    await shown.page.keyboard.press('Tab');
    assert.equal(await one.and(shown.page.locator(':focus')).count(), 1);
    await until('it is in the window', 5000, isInWindow);
  }
  await shown.page.close();
});

test('a lab of 100 nodes is drawn, and follows its events', async () => {
  const routers = Array.from(
    { length: 10 },
    (_, at) => `[[router]]\nname = "r${at}"\nnat = "home"\n`,
  );
  const devices = Array.from(
    { length: 89 },
    (_, at) => `[device.d${at}.eth0]\ngateway = "r${at % 10}"\n`,
  );
  const file = join(stage.site.directory, 'hundred.toml');
  writeFileSync(file, [...routers, ...devices].join('\n'));
  await stage.run('lab', 'up', file, '--detach');
  const shown = await stage.open();
  await shown.toLabs.waitFor();
  await shown.show('hundred/d88');
  await shown.edge('d88/eth0').waitFor();
  assert.equal(await shown.page.locator('[data-lab-node]').count(), 100);
  await stage.daemon.netweir.changeLab('hundred', {
    type: 'link',
    node: 'd88',
    interface: 'eth0',
    state: 'down',
  });
  await shown.edge('d88/eth0', 'down').waitFor();
  assert.deepEqual(await accessibilityViolations(shown.page), []);
  await shown.page.close();
});
