import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, Visit } from "./browser.ts";
import { MANAGED } from "./seed.ts";
import { put, url, viewer } from "./stack.ts";

/** All of it with a keyboard alone. */
let browser: Browser;
let visit: Visit;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());
beforeEach(async () => void (visit = await Visit.start(browser)));
afterEach(() => visit.end());

const press = async (...keys: string[]) => {
  for (const key of keys) await visit.page.keyboard.press(key);
};
const focused = () => visit.page.evaluate(() => document.activeElement?.textContent ?? "");

test("signing in, finding, sorting, opening and closing need no mouse", async () => {
  const { page } = visit;
  await page.goto(url);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await press("Tab", "Enter");
  await page.locator("#username").waitFor();
  await page.keyboard.type(viewer.name);
  await press("Tab");
  await page.keyboard.type(viewer.password);
  await press("Enter");
  await page.locator("main#main").waitFor();
  await visit.settled();

  await press("Tab");
  expect(await focused()).toBe("Skip to the content");
  await press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");

  await press("g", "s");
  await page.locator(".grid-body .grid-row").first().waitFor();
  expect(await focused()).toBe("Stock");

  await press("/");
  await page.keyboard.type("status:out count<0");
  await press("Enter");
  await page.getByRole("button", { name: "Remove filter On hand <0" }).waitFor();
  expect(decodeURIComponent(page.url())).toContain("status=out&count=<0");
  const counts = await page.locator(".grid-body .cell.count").allInnerTexts();
  expect(counts.length).toBeGreaterThan(0);
  expect(counts.every((count) => count.startsWith("−"))).toBe(true);

  const grid = page.getByRole("grid");
  await grid.focus();
  await press("ArrowUp", "ArrowRight", "Enter");
  expect(page.url()).toContain("sort=item");
  expect(await page.getByRole("columnheader", { name: "Item" }).getAttribute("aria-sort")).toBe("ascending");
  await press("ArrowDown", "ArrowDown");
  expect(await grid.getAttribute("aria-activedescendant")).toBe("cell-1-1");
  await press("Enter");
  await page.locator(".panel .levels li").first().waitFor();
  expect(page.url()).toContain("item=");
  await press("Escape");
  await page.locator(".panel").waitFor({ state: "detached" });
  expect(page.url()).not.toContain("item=");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("grid");
});

test("the palette finds a store, the help names the keys, and single keys can be turned off", async () => {
  const { page } = visit;
  await visit.signIn();
  await visit.settled();
  await press("Control+k");
  await page.keyboard.type("lyon");
  await press("Enter");
  await page.getByRole("heading", { name: MANAGED }).waitFor();
  expect(page.url()).toContain("#/store/");

  await press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await visit.axe();
  await press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });

  await press("Control+k");
  await page.locator(".palette input").waitFor();
  await press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.locator("[popovertarget=account]").first().focus();
  await press("Enter");
  await page.locator("#account:popover-open").waitFor();
  await press("Tab");
  expect(await focused()).toBe("Preferences");
  await press("Enter");
  await page.getByRole("checkbox", { name: "Single-key shortcuts" }).focus();
  await press("Space", "Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await press("?");
  await page.waitForTimeout(200);
  expect(await page.getByRole("dialog").count()).toBe(0);
});

test("a closed dialog gives the focus back once, and takes it from nobody later", async () => {
  const { page } = visit;
  await visit.signIn(undefined, `#/store/${encodeURIComponent(MANAGED)}`);
  await visit.settled();
  const account = page.locator("[popovertarget=account]").first();
  const isFocused = () => account.evaluate((button) => button === document.activeElement);

  await page.getByRole("heading", { name: MANAGED }).focus();
  await press("Control+k");
  await page.locator(".palette input").waitFor();
  await page.evaluate(() => {
    document.querySelector("dialog")?.close();
    document.querySelector<HTMLElement>("[popovertarget=account]")?.focus();
  });
  await page.locator("dialog").waitFor({ state: "detached" });
  expect(await isFocused()).toBe(true);

  await press("Control+k");
  await page.keyboard.type("read everything");
  await press("Enter");
  await page.locator("dialog").waitFor({ state: "detached" });
  expect(await isFocused()).toBe(true);
});

test("preferences change the page at once and stay", async () => {
  const { page } = visit;
  await visit.signIn();
  await visit.settled();
  await page.locator("[popovertarget=account]").first().click();
  await page.getByRole("button", { name: "Preferences", exact: true }).click();
  await page.getByLabel("Theme").selectOption("dark");
  expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme + document.documentElement.dataset["theme"])).toContain("dark");
  await page.getByLabel("Language").selectOption("de");
  await page.getByRole("heading", { name: "Überblick" }).waitFor();
  await press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await page.reload();
  await page.locator("#username").waitFor();
  await visit.logIn();
  await page.getByRole("heading", { name: "Überblick" }).waitFor();
  await visit.axe();
});

test("an export is as it is seen, and runs no formula", async () => {
  const { page } = visit;
  await put("InventoryTable", { Store: { S: MANAGED }, Item: { S: "FORMULA" }, Count: { N: "-7" }, Name: { S: '=HYPERLINK("x")' } });
  await visit.signIn(undefined, `#/store/${encodeURIComponent(MANAGED)}?q=formula`);
  await page.locator(".grid-row", { hasText: "FORMULA" }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export CSV" }).click()]);
  const csv = readFileSync(await download.path(), "utf8");
  expect(csv).toBe(`\ufeffStatus,Item,Name,On hand,Reorder at,Changed\r\nout,FORMULA,"'=HYPERLINK(""x"")",-7,,\r\n`);
});

test("columns can be hidden, and the address says the rest", async () => {
  const { page } = visit;
  await visit.signIn(undefined, "#/stock");
  await page.locator(".grid-body .grid-row").first().waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Reorder at" }).click();
  await press("Escape");
  expect(await page.getByRole("columnheader").allInnerTexts()).not.toContain("Reorder at");
  await page.getByRole("button", { name: "Low" }).click();
  await page.getByLabel("Add a store to the filter").selectOption(MANAGED);
  await page.getByRole("columnheader", { name: "On hand" }).click();
  await expect.poll(() => new URLSearchParams(page.url().split("?")[1]).toString()).toBe(
    new URLSearchParams({ status: "low", in: MANAGED, sort: "count" }).toString(),
  );
  const stores = new Set(await page.locator(".grid-body .cell.store").allInnerTexts());
  expect([...stores]).toEqual([MANAGED]);
});
