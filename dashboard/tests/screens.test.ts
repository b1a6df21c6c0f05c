import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, SIZES, Visit } from "./browser.ts";
import { MANAGED } from "./seed.ts";
import { person, url } from "./stack.ts";

/** Each screen, as it is seen: in light and dark, on a desk and on a phone, without a fault of accessibility. */
const SCREENS: [string, string, (page: Page) => Promise<unknown>][] = [
  ["overview", "#/overview", async () => {}],
  ["stock", "#/stock", (page) => page.locator(".grid-body .grid-row").first().waitFor()],
  ["store", `#/store/${encodeURIComponent(MANAGED)}`, (page) => page.locator(".grid-body .grid-row").first().waitFor()],
  ["store-uploads", `#/store/${encodeURIComponent(MANAGED)}?tab=uploads`, (page) => page.locator(".upload-list summary").first().click()],
  ["item", "#/stock?status=out&item=COF-HUI-1000", (page) => page.locator(".levels li").nth(5).waitFor()],
  ["uploads", "#/uploads", (page) => page.locator(".newest li").first().waitFor()],
  ["palette", "#/overview", async (page) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("saffron");
    await page.locator(".palette [role=option]").first().waitFor();
  }],
  ["preferences", "#/overview", async (page) => {
    await page.locator("[popovertarget=account]").first().click();
    await page.locator("#account button").first().click();
    await page.locator(".fields").waitFor();
  }],
];

const OVER = ["palette", "preferences"];

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());

const LOOKS = [["desktop", "light"], ["desktop", "dark"], ["phone", "light"], ["phone", "dark"]] as const;

describe.each(LOOKS)("on a %s, %s", (size, theme) => {
  let visit: Visit;
  beforeAll(async () => {
    visit = await Visit.start(browser, { viewport: SIZES[size], colorScheme: theme });
    await visit.page.goto(url);
    await visit.page.getByRole("button", { name: "Sign in" }).waitFor();
    await visit.axe();
    await visit.picture(`sign-in-${size}-${theme}`);
    await visit.page.getByRole("button", { name: "Sign in" }).click();
    await visit.logIn();
  });
  afterAll(() => visit.end());

  test.each(SCREENS)("%s has no fault", async (name, hash, ready) => {
    const { page } = visit;
    await page.keyboard.press("Escape");
    await page.evaluate((hash) => (location.hash = hash), hash);
    await visit.settled();
    await ready(page);
    await visit.settled();
    await visit.axe();
    const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(width).toBeLessThanOrEqual(0);
    expect(await faults(page)).toEqual([]);
    // What lies over another screen is shown once.
    if (!OVER.includes(name) || (size === "desktop" && theme === "light")) await visit.picture(`${name}-${size}-${theme}`);
    await page.keyboard.press("Escape");
  });
});

/** What is cut off without a mark of it, or stands apart from what it belongs to. */
async function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cells = [...document.querySelectorAll<HTMLElement>(".grid-body .cell, .tile-name, .out-list .name, .levels .name")];
    const cut = cells.filter((cell) => cell.scrollWidth > cell.clientWidth && cell.clientWidth > 0);
    const unmarked = cut.filter((cell) => getComputedStyle(cell).display !== "block" || getComputedStyle(cell).textOverflow !== "ellipsis");
    const startOf = (cell: Element | null) => cell && parseFloat(getComputedStyle(cell).paddingInlineStart) + cell.getBoundingClientRect().left;
    const apart = innerWidth > 640 ? [] : [...document.querySelectorAll(".grid-body .grid-row")]
      .flatMap((row) => [...row.querySelectorAll(".name:not(:empty), .store, .changed")].filter((cell) => (cell as HTMLElement).offsetWidth > 0
        && startOf(cell) !== startOf(row.querySelector(".item"))));
    return [...unmarked, ...apart].map((cell) => `${cell.className}: ${cell.textContent}`);
  });
}

test.each(LOOKS)("on a %s, %s, a manager's own screen has no fault", async (size, theme) => {
  const visit = await Visit.start(browser, { viewport: SIZES[size], colorScheme: theme });
  await visit.signIn(await person("manager@example.com", "managers", MANAGED), "#/uploads");
  await visit.settled();
  await visit.axe();
  await visit.picture(`upload-${size}-${theme}`);
  await visit.end();
});

test("Arabic is read from the right, without a fault", async () => {
  const visit = await Visit.start(browser, { locale: "ar", viewport: SIZES.desktop });
  await visit.signIn();
  await visit.settled();
  expect(await visit.page.evaluate(() => document.documentElement.dir)).toBe("rtl");
  // A name in Latin letters stands at the right, and is cut at its own end.
  const name = await visit.page.locator(".tile-name").first().evaluate((name) => {
    const { direction, textAlign } = getComputedStyle(name);
    return { direction, textAlign };
  });
  expect(name).toEqual({ direction: "ltr", textAlign: "right" });
  await visit.axe();
  await visit.picture("overview-arabic");
  await visit.end();
});
