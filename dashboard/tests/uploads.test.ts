import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, SIZES, Visit } from "./browser.ts";
import { person, upload } from "./stack.ts";

/** A manager tries a file, sees what it would change, uploads it, and reads the receipt. */
const STORE = `Test Street ${Date.now() % 100_000}`;
let browser: Browser;
let visit: Visit;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());
beforeEach(async () => {
  visit = await Visit.start(browser, { viewport: SIZES.desktop });
  await visit.signIn(await person(`boss-of-${STORE.replaceAll(" ", "-")}@example.com`, "managers", STORE), "#/uploads");
});

const FILE = "item,count,reorder point\nTEA,0,3\nMUG,9,3\nPOT,twelve,3\n";

const choose = (body: string) => visit.page.locator("input[type=file]").setInputFiles({ name: "stock.csv", mimeType: "text/csv", buffer: Buffer.from(body) });

const drop = async (body: string) => {
  const dataTransfer = await visit.page.evaluateHandle((body) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([body], "stock.csv", { type: "text/csv" }));
    return transfer;
  }, body);
  await visit.page.locator(".drop").dispatchEvent("drop", { dataTransfer });
};

test("a file that is dragged in is tried first, and then uploaded for real", async () => {
  const { page } = visit;
  await visit.settled();
  await drop(FILE);
  await page.getByText("This upload would change").waitFor();
  expect((await page.locator(".preview").innerText()).replace(/\s+/g, " ")).toBe("2 levels 1 would sell out 0 would run low 0 would be back");
  await page.locator(".sender .rejects").waitFor();
  await visit.axe();
  await visit.picture("upload-preview");

  await page.getByRole("button", { name: "Upload it" }).click();
  await page.getByRole("heading", { name: "Uploaded" }).waitFor({ timeout: 25_000 });
  expect((await page.locator(".sender .counts .written").innerText()).replace(/\s+/g, " ")).toBe("written 2");
  const rejects = await page.locator(".sender .rejects tbody tr").allInnerTexts();
  expect(rejects).toHaveLength(1);
  expect(rejects[0]).toContain("twelve");
  await visit.axe();
  await page.evaluate((store) => (location.hash = `#/store/${encodeURIComponent(store)}`), STORE);
  await expect.poll(() => page.locator(".grid-body .grid-row").count()).toBe(2);
  await visit.end();
});

test("a file that would be refused cannot be uploaded", async () => {
  await choose("item,price\nTEA,4\n");
  await visit.page.getByText("This file would be refused").waitFor();
  await visit.page.locator(".sender").getByText('no column is named "count"').waitFor();
  expect(await visit.page.getByRole("button", { name: "Upload it" }).count()).toBe(0);
  await visit.axe();
  await visit.page.getByRole("button", { name: "Choose another" }).click();
  await choose("");
  await visit.page.getByText("The file is empty.").waitFor();
  await visit.end();
});

test("what somebody uploads elsewhere is seen without a reload", async () => {
  const { page } = visit;
  await page.evaluate(() => (location.hash = "#/overview"));
  await page.locator(".figure").first().waitFor();
  await visit.settled();
  await upload(`stores/${STORE}/by-hand.csv`, "item,count,reorder point\nTEA,0,3\nMUG,0,3\nPOT,0,3\n");
  await expect.poll(() => page.locator(".figure.out .figure-value").innerText(), { timeout: 28_000 }).toBe("3");
  await visit.end();
});

test("a file that would empty the store is held, unless it is uploaded anyway", async () => {
  const { page } = visit;
  const items = Array.from({ length: 30 }, (_, n) => `ITEM-${n}`);
  const file = (count: number) => `item,count\n${items.map((item) => `${item},${count}\n`).join("")}`;
  await upload(`stores/${STORE}/full.csv`, file(4));
  await page.evaluate((store) => (location.hash = `#/store/${encodeURIComponent(store)}`), STORE);
  await page.locator(".grid-body").getByText("ITEM-1", { exact: true }).waitFor();
  await page.evaluate(() => (location.hash = "#/uploads"));
  await choose(file(0));
  await page.getByText("This upload would be held back").waitFor();
  await page.locator(".sender").getByText("it would take 30 of the").waitFor();
  await visit.axe();
  await page.getByRole("button", { name: "Upload it anyway" }).click();
  await page.getByRole("heading", { name: "Uploaded" }).waitFor();
  await expect.poll(async () => (await page.locator(".sender .counts .written").innerText()).replace(/\s+/g, " ")).toBe("written 30");
  await visit.end();
});
