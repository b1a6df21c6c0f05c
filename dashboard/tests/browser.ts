import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { endpoint, type Person, url, viewer } from "./stack.ts";

export const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", headless: true, args: FLAGS });
}

/** The windows that people look through. */
export const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Where pictures go, if they are wanted. */
const PICTURES = process.env["SCREENSHOTS"];
if (PICTURES) mkdirSync(PICTURES, { recursive: true });

/** A page that notes what must not happen: an error in the console, a breach of the security policy. */
export class Visit {
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async start(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    const page = await context.newPage();
    const visit = new Visit(page);
    page.on("console", (message) => {
      // The emulator's login has no icon; that is not this page's.
      if (message.type() === "error" && message.location().url !== `${endpoint}/favicon.ico`) visit.complaints.push(message.text());
    });
    page.on("pageerror", (error) => visit.complaints.push(String(error)));
    page.setDefaultTimeout(30_000);
    return visit;
  }

  /** The whole way: the page, the login, back to the page. */
  async signIn(person: Person = viewer, hash = ""): Promise<void> {
    const { page } = this;
    await page.goto(url + hash);
    await page.getByRole("button").first().click();
    await this.logIn(person);
  }

  /** What people do at the login itself. */
  async logIn(person: Person = viewer): Promise<void> {
    const { page } = this;
    await page.locator("#username").fill(person.name);
    await page.locator("#password").fill(person.password);
    await page.locator("#password").press("Enter");
    await page.locator("main#main").waitFor();
  }

  async settled(): Promise<void> {
    await this.page.waitForFunction(() => !document.querySelector(".skeleton, .progress.on"));
  }

  /** WCAG 2.2 AA, as far as a machine can tell. */
  async axe(): Promise<void> {
    const { page } = this;
    // Half faded in, a text has half its contrast.
    await page.evaluate(() => Promise.allSettled(document.getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().iterations !== Infinity)
      .map((animation) => animation.finished)));
    // By the debugger, not by a script element, which the page's policy would refuse.
    await page.evaluate(AXE);
    const found = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> } };
      type Violation = { id: string; nodes: { html: string; failureSummary?: string }[] };
      const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary ?? ""}`).join("\n")}`);
    });
    expect(found).toEqual([]);
  }

  async picture(name: string): Promise<void> {
    if (!PICTURES) return;
    const { page } = this;
    await page.mouse.move(1, 300);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(200);
    await page.screenshot({ path: `${PICTURES}/${name}.png` });
  }

  /** Closes the page; nothing may have been complained of but what is allowed. */
  async end(allowed: RegExp = /^$/): Promise<void> {
    await this.page.context().close();
    expect(this.complaints.filter((complaint) => !allowed.test(complaint))).toEqual([]);
  }
}
