import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Where tests leave pictures of what they saw; not in the repository. */
const PICTURES = resolve(import.meta.dirname, '../../../.cache/pictures');

export async function openBrowser(): Promise<Browser> {
  if (!existsSync(EXECUTABLE))
    throw new Error(`${EXECUTABLE} is missing: apt-get install chromium`);
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** What axe-core finds wrong with the page as it is now, each as one line. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  // Evaluated, not added as a script, which the page's Content-Security-Policy would refuse.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** A text field of the editor under one of the two directions. */
export function fieldOf(within: Page | Locator, way: 'Sends' | 'Receives', name: string): Locator {
  return within
    .getByRole('group', { name: way, exact: true })
    .getByRole('textbox', { name, exact: true });
}

/** The round trip that a probe's card shows now, in milliseconds; undefined where it shows none. */
export async function shownRoundTrip(page: Page, label: string): Promise<number | undefined> {
  const card = page.getByLabel(label, { exact: true }).first();
  const text = await card.getAttribute('data-rtt-ms');
  return text ? Number(text) : undefined;
}
