import { gzipSync } from "node:zlib";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FLAGS, launch, Visit } from "./browser.ts";
import { endpoint, url } from "./stack.ts";

/** The numbers of the README. Sizes and scores must hold anywhere; times are told, with what they should be. */
const lines: string[] = [];
let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(async () => {
  await browser.close();
  console.log(`\n${lines.join("\n")}\n`);
});

function tell(what: string, value: number, unit: string, limit?: number, least = false): void {
  const isOver = limit !== undefined && (least ? value < limit : value > limit);
  const bound = limit === undefined ? "" : `${least ? ">=" : "<="} ${limit} ${unit}${isOver ? "  MISSED" : ""}`;
  lines.push(`${what.padEnd(48)}${value.toFixed(value < 10 ? 1 : 0).padStart(7)} ${unit.padEnd(6)}${bound}`);
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

test("sizes", async () => {
  const visit = await Visit.start(browser);
  const { page } = visit;
  const sizes = new Map<string, number>();
  const pending: Promise<unknown>[] = [];
  page.on("response", (response) => {
    const kind = /\.(js|css|woff2)$/.exec(response.url())?.[1];
    if (kind && response.url().startsWith(url)) {
      pending.push(response.body().then((body) => sizes.set(response.url(), (kind === "woff2" ? body : gzipSync(body, { level: 9 })).length)));
    }
  });
  const sum = (kind: string) => [...sizes].filter(([name]) => name.endsWith(kind)).reduce((sum, [, size]) => sum + size, 0) / 1000;
  await page.goto(url);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.waitForLoadState("networkidle");
  await Promise.all(pending);
  const before = sum(".js");
  tell("JavaScript before the sign-in, gzip", before, "kB", 25);
  await page.getByRole("button", { name: "Sign in" }).click();
  await visit.logIn();
  await visit.settled();
  for (const screen of ["stock", "uploads", "overview?item=COF-HUI-1000"]) {
    await page.evaluate((hash) => (location.hash = hash), `#/${screen}`);
    await visit.settled();
  }
  await Promise.all(pending);
  tell("JavaScript in all, gzip", sum(".js"), "kB", 130);
  tell("CSS in all, gzip", sum(".css"), "kB");
  tell("font", sum(".woff2"), "kB");
  expect(before).toBeLessThanOrEqual(25);
  expect(sum(".js")).toBeLessThanOrEqual(130);
  await visit.end();
});

test("from the login to the first rows", async () => {
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    const visit = await Visit.start(browser);
    await visit.page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector(".out-list li")) return;
        requestAnimationFrame(() => performance.mark("first rows"));
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    await visit.signIn();
    await visit.page.locator(".out-list li").first().waitFor();
    times.push(await visit.page.evaluate(async () => {
      while (!performance.getEntriesByName("first rows")[0]) await new Promise(requestAnimationFrame);
      return performance.getEntriesByName("first rows")[0]?.startTime ?? NaN;
    }));
    await visit.end();
  }
  tell("login's answer to first rows, median of 7", median(times), "ms", 500);
});

/** Stores of 2,000 items each, answered in the place of the table: their rows are read as any others. */
async function chain(page: Page, stores: number): Promise<void> {
  const now = Date.now();
  const names = Array.from({ length: stores }, (_, i) => `Store ${String(i).padStart(4, "0")}`);
  const answer = ({ target, body }: { target: string; body: string }): object => {
    if (target === "Scan") return { Items: names.map((name) => ({ Store: { S: name }, Version: { S: `${new Date(now).toISOString()}/0` }, Uploaded: { S: new Date(now).toISOString() } })) };
    const store = /":store":\{"S":"Store (\d+)"/.exec(body)?.[1];
    if (store === undefined) return { Items: [] };
    return {
      Items: Array.from({ length: 2_000 }, (_, i) => ({
        Item: { S: `SKU-${String((i * 7919) % 100_003).padStart(6, "0")}` }, Name: { S: `Article number ${i} of the range` },
        Count: { N: String(((i * 31 + Number(store) * 17) % 400) - 5) }, ReorderPoint: { N: "12" }, Version: { S: `${new Date(now - i * 60_000).toISOString()}/0` },
      })),
    };
  };
  await page.route(`${endpoint}/`, async (route) => {
    const target = route.request().headers()["x-amz-target"] ?? "";
    if (!target.startsWith("DynamoDB")) return route.fallback();
    const headers = { "access-control-allow-origin": "*", "content-type": "application/x-amz-json-1.0" };
    return route.fulfill({ status: 200, headers, body: JSON.stringify(answer({ target: target.split(".")[1] ?? "", body: route.request().postData() ?? "" })) });
  });
}

async function loaded(page: Page, rows: string): Promise<void> {
  await page.locator(".summary", { hasText: `${rows} rows` }).waitFor({ timeout: 240_000 });
}

/** What the page said it took to filter and order, once after what is done. */
async function selecting(page: Page, act: () => Promise<unknown>): Promise<number> {
  await page.evaluate(() => performance.clearMeasures());
  await act();
  await page.waitForFunction(() => performance.getEntriesByName("select").length > 0);
  return page.evaluate(() => performance.getEntriesByName("select").at(-1)?.duration ?? NaN);
}

async function scrolled(page: Page): Promise<{ median: number; p99: number }> {
  const frames = await page.locator(".grid").evaluate(async (grid) => {
    const times: number[] = [];
    for (let last = performance.now(), i = 0; i < 240; i++) {
      grid.scrollTop += 97 + (i % 40) * 50;
      const now = await new Promise<number>(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    return times.slice(2).sort((a, b) => a - b);
  });
  return { median: median(frames), p99: frames[Math.floor(frames.length * 0.99)] ?? NaN };
}

async function heap(page: Page): Promise<number> {
  const session: CDPSession = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const usage = (await session.send("Runtime.getHeapUsage")) as { usedSize: number; backingStorageSize?: number };
  return (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1_000_000;
}

test("100,000 rows", async () => {
  const visit = await Visit.start(browser);
  const { page } = visit;
  await chain(page, 50);
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector(".grid-body .grid-row")) return;
      requestAnimationFrame(() => performance.mark("first rows"));
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await visit.signIn(undefined, "#/stock?sort=item");
  await loaded(page, "100,000");
  const after = await page.evaluate(() => {
    const rows = performance.getEntriesByName("first rows")[0]?.startTime ?? NaN;
    const answers = performance.getEntriesByType("resource").map((entry) => (entry as PerformanceResourceTiming).responseEnd);
    // The last answer before the first rows is what they were waiting for.
    return rows - Math.max(...answers.filter((end) => end <= rows));
  });
  tell("100,000 rows: first rows after their data", after, "ms", 300);
  const search = page.getByRole("searchbox");
  const searches: number[] = [];
  for (const word of ["article", "number 17", "sku-00", "store 0042", "zzz", "range 9"]) {
    searches.push(await selecting(page, () => search.fill(word)));
  }
  await selecting(page, () => search.fill(""));
  tell("100,000 rows: search and order, median of 6", median(searches), "ms", 30);
  const sorts: number[] = [];
  for (const column of ["On hand", "Name", "Store", "Changed", "Reorder at", "Item"]) {
    sorts.push(await selecting(page, () => page.getByRole("columnheader", { name: column }).click()));
  }
  tell("100,000 rows: sort, median of 6 columns", median(sorts), "ms", 40);
  tell("100,000 rows: sort, slowest", Math.max(...sorts), "ms");
  const frames = await scrolled(page);
  tell("100,000 rows: scrolling, frames a second", 1000 / frames.median, "fps", 59, true);
  tell("100,000 rows: scrolling, frame at p99", frames.p99, "ms");
  await visit.end();
}, 120_000);

test("1,000,000 rows", async () => {
  const visit = await Visit.start(browser);
  const { page } = visit;
  page.setDefaultTimeout(60_000);
  await chain(page, 500);
  await visit.signIn(undefined, "#/stock?sort=item");
  await loaded(page, "1,000,000");
  tell("1,000,000 rows: heap with all arrays", await heap(page), "MB", 200);
  tell("1,000,000 rows: sort", await selecting(page, () => page.getByRole("columnheader", { name: "On hand" }).click()), "ms");
  tell("1,000,000 rows: search", await selecting(page, () => page.getByRole("searchbox").fill("sku-00")), "ms");
  await page.getByRole("searchbox").fill("");
  await loaded(page, "1,000,000");
  const frames = await scrolled(page);
  tell("1,000,000 rows: scrolling, frame at p99", frames.p99, "ms");
  await visit.end();
}, 300_000);

test("Lighthouse", async () => {
  const [{ default: lighthouse, desktopConfig }, { launch: launchChrome }] = await Promise.all([import("lighthouse"), import("chrome-launcher")]);
  for (const [device, config, least] of [["desktop", desktopConfig, 100], ["phone", undefined, 95]] as const) {
    // A browser for each: what the first one left behind would count for the second.
    const chrome = await launchChrome({ chromePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", chromeFlags: ["--headless", ...FLAGS] });
    try {
      const result = await lighthouse(url, { port: chrome.port, onlyCategories: ["performance", "accessibility", "best-practices"], logLevel: "error" }, config);
      expect(result?.lhr.runtimeError).toBeUndefined();
      for (const [name, { score }] of Object.entries(result?.lhr.categories ?? {})) {
        tell(`Lighthouse, ${device}: ${name}`, (score ?? NaN) * 100, "", name === "performance" ? least : 100, true);
        if (name !== "performance") expect(score).toBe(1);
      }
    } finally {
      chrome.kill();
    }
  }
}, 180_000);
