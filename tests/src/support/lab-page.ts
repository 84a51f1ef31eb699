import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { netweir } from './command.ts';
import { Daemon, Site } from './daemon.ts';

const LABS = resolve(import.meta.dirname, '../../../labs');
const DEADLINE_MS = 15_000;
/** What the page says of a way that does nothing. */
export const CLEAN = 'clean';

/** A daemon with labs, and a browser that shows them. */
export class LabStage implements AsyncDisposable {
  readonly site: Site;
  readonly daemon: Daemon;
  readonly #browser: Browser;

  private constructor(site: Site, daemon: Daemon, browser: Browser) {
    this.site = site;
    this.daemon = daemon;
    this.#browser = browser;
  }

  static async start(): Promise<LabStage> {
    const site = new Site();
    return new LabStage(site, await Daemon.start(site), await openBrowser());
  }

  /** Runs a command of netweir's, and gives what it printed. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await netweir(this.site, ...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Makes the lab of one of the files that netweir comes with. */
  async up(name: string): Promise<void> {
    await this.run('lab', 'up', join(LABS, `${name}.toml`), '--detach');
  }

  async open(width = 1440, dark = false): Promise<LabPage> {
    const page = await this.#browser.newPage({
      viewport: { width, height: width < 500 ? 844 : 900 },
      colorScheme: dark ? 'dark' : 'light',
    });
    page.setDefaultTimeout(DEADLINE_MS);
    const shown = new LabPage(page);
    await page.goto(this.daemon.url);
    return shown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.daemon[Symbol.asyncDispose]();
    this.site[Symbol.dispose]();
  }
}

/** The page of a daemon, on its labs. */
export class LabPage {
  readonly page: Page;
  /** What the browser complained of, such as what the Content-Security-Policy forbids. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  get toLabs(): Locator {
    return this.page.getByRole('link', { name: /^Labs/u });
  }

  /** What is open beside the graph. */
  get panel(): Locator {
    return this.page.getByRole('complementary', { name: 'Of the lab' });
  }

  /** Goes to a lab, or to what is open of it. */
  async show(address: string): Promise<void> {
    await this.toLabs.waitFor();
    await this.page.evaluate(`location.hash = ${JSON.stringify(`#labs/${address}`)}`);
    await this.node('ix').waitFor();
  }

  node(name: string): Locator {
    return this.page.locator(`[data-lab-node="${name}"]`);
  }

  edge(id: string, status?: string): Locator {
    const also = status === undefined ? '' : `[data-status="${status}"]`;
    return this.page.locator(`[data-lab-edge="${id}"]${also}`);
  }

  /**
   * An edge whose label and hint say this, a clean way by not being named in the label. What
   * flows stands in the label too, as long as it flows.
   */
  edgeThat(id: string, does: { sends: string; receives: string }): Locator {
    const hint = `; sends: ${does.sends}; receives: ${does.receives}`;
    const edge = this.page.locator(`[data-lab-edge="${id}"][title$="${hint}"]`);
    const named = [does.sends, does.receives].filter((text) => text !== CLEAN);
    return named.reduce((found, hasText) => found.filter({ hasText }), edge);
  }
}
