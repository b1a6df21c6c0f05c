import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, Visit } from "./browser.ts";

/** The demonstration, as it runs without an account: the same pages on the embedded tables. */
let browser: Browser;
let demo: ChildProcess;
let address: string;
const inbox = mkdtempSync(join(tmpdir(), "inbox-"));

beforeAll(async () => {
  browser = await launch();
  const root = join(import.meta.dirname, "..", "..");
  demo = spawn(join(root, "target", "debug", "examples", "demo"), ["--json", "--inbox", inbox], { cwd: root });
  address = await new Promise((found, failed) => {
    let said = "";
    demo.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const line = /dashboard at (\S+)/.exec(said);
      if (line) found(line[1] as string);
    });
    demo.on("exit", () => failed(new Error(`the demo ended: ${said}`)));
  });
});
afterAll(async () => {
  demo.kill("SIGINT");
  await browser.close();
  rmSync(inbox, { recursive: true });
});

test("the sample's stores are there without a sign-in, and the item panel reads the tables", async () => {
  const visit = await Visit.start(browser);
  const { page } = visit;
  await page.goto(address);
  await page.locator("main#main").waitFor();
  await visit.settled();
  const figures = await page.locator(".figure-value").allInnerTexts();
  expect(figures).toEqual(["31", "34", "6", "0"]);
  await visit.axe();
  await page.locator(".out-list a").first().click();
  await page.locator(".panel .levels li").first().waitFor();
  await page.goto(`${address}#/stock`);
  await page.locator(".grid-body .grid-row").first().waitFor();
  await page.goto(`${address}#/store/${encodeURIComponent("Nairobi Westlands")}?tab=uploads`);
  await page.locator(".upload-list summary").first().click();
  expect(await page.locator(".rejects tbody tr").count()).toBe(5);
  await page.goto(`${address}#/uploads`);
  await page.getByRole("link", { name: "Files and rows of no known store" }).click();
  await page.locator(".upload-list summary").first().click();
  expect(await page.locator(".rejects tbody tr").count()).toBe(2);
  await visit.axe();
  await visit.end();
});
