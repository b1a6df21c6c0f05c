import type { Browser, Route } from "playwright-core";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import { launch, SIZES, Visit } from "./browser.ts";
import { EXACT, FOREIGN, MANAGED, STALE } from "./seed.ts";
import { endpoint, person, put, url } from "./stack.ts";

/** Each state that somebody can be in, and the way out of it. */
let browser: Browser;
let visit: Visit;
let allowed: RegExp | undefined;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());
beforeEach(async () => {
  visit = await Visit.start(browser);
  allowed = undefined;
});
afterEach(() => visit.end(allowed));

/** What a request asks, as DynamoDB knows it. */
function asks(route: Route): { action: string; body: string } {
  return { action: route.request().headers()["x-amz-target"]?.split(".")[1] ?? "", body: route.request().postData() ?? "" };
}

type Question = ReturnType<typeof asks>;

/** Answers some questions in the place of the service. */
async function answer(of: (question: Question) => boolean, status: number, body: object): Promise<() => void> {
  let on = true;
  await visit.page.route(`${endpoint}/**`, async (route) => {
    if (!on || route.request().method() !== "POST" || !of(asks(route))) return route.fallback();
    const headers = { "access-control-allow-origin": "*", "content-type": "application/x-amz-json-1.0" };
    return route.fulfill({ status, headers, body: JSON.stringify(body) });
  });
  return () => (on = false);
}

const isIndex = ({ body }: Question) => body.includes("ByStatus");
const failure = (name: string, message: string) => ({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message });
const REFUSED = /status of 40[03]/;

/** The share of the window that moved, times the way: less is a number that became another one in its cell. */
const JUMP = 0.005;

/** What somebody sees move: each shift of the layout, by the elements that moved. */
async function watchShifts(): Promise<() => Promise<string[]>> {
  const { page } = visit;
  await page.addInitScript(() => {
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] };
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as Shift[]) {
        const moved = sources.map(({ node }) => {
          const { localName, className, textContent } = (node instanceof Element ? node : node?.parentElement) ?? {};
          return `${localName}.${className} "${textContent?.slice(0, 30)}"`;
        }).join(", ");
        shifts.push(`${value.toFixed(4)} ${moved}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return async () => {
    // A shift is told of after the frame that it happened in.
    await page.waitForTimeout(200);
    const shifts = await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
    return shifts.filter((shift) => parseFloat(shift) >= JUMP);
  };
}

const PLACES = [
  "#/overview", "#/stock", "#/stock?status=out&item=COF-HUI-1000", `#/store/${encodeURIComponent(MANAGED)}`, `#/store/${encodeURIComponent(STALE)}`,
  `#/store/${encodeURIComponent(MANAGED)}?tab=uploads`, "#/uploads",
];

/** What each place waits for: the newest uploads of all stores are in what a Scan says. */
const WAITS = PLACES.flatMap((place) => (place === "#/uploads" ? ["Scan"] : ["Scan", "Query"]).map((late) => [place, late]));

describe.each(Object.entries(SIZES))("on a %s", (_, size) => {
  test.each(WAITS)("nothing jumps while %s loads and the %s is late", async (place, late) => {
    await visit.page.setViewportSize(size);
    const shifts = await watchShifts();
    let go = () => {};
    const gate = new Promise<void>((open) => (go = open));
    await visit.page.route(`${endpoint}/**`, async (route) => {
      if (asks(route).action === late) await gate;
      return route.fallback();
    });
    await visit.signIn(undefined, place);
    await visit.page.locator(".skeleton").first().waitFor();
    await visit.page.waitForTimeout(300);
    await visit.axe();
    go();
    await visit.settled();
    expect(await shifts()).toEqual([]);
  });
});

test("motion is short, and there is none for who wants none", async () => {
  const { page } = visit;
  await visit.signIn(undefined, "#/stock?status=out");
  await visit.settled();
  /** Seconds of the longest change of a style, and of the longest animation that ends. */
  const longest = () => page.evaluate(() => Math.max(0, ...[...document.querySelectorAll("*")].flatMap((element) => {
    const { transitionDuration, animationName, animationDuration, animationIterationCount } = getComputedStyle(element);
    const moves = animationName !== "none" && animationIterationCount !== "infinite" ? animationDuration : "0s";
    return [transitionDuration, moves].flatMap((times) => times.split(",").map(parseFloat));
  })));
  await page.locator(".grid-body .grid-row").first().click();
  await page.locator(".panel").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  expect(await longest()).toBe(0.12);
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await longest()).toBe(0);
  const moving = () => page.evaluate(() => document.getAnimations().length);
  expect(await moving()).toBe(0);
});

test("a part that cannot be read is said, and the rest is shown", async () => {
  allowed = REFUSED;
  const message = "User: arn:aws:sts::000000000000:assumed-role/viewer is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:::index/ByStatus";
  const stop = await answer(({ body }) => body.includes('":shard":{"S":"3"}'), 400, failure("AccessDeniedException", message));
  await visit.signIn();
  const note = visit.page.getByRole("alert");
  await note.waitFor();
  expect(await note.innerText()).toContain("A part of it could not be read.");
  expect(await note.innerText()).toContain("dynamodb:Query");
  expect(await visit.page.locator(".out-list li").count()).toBeGreaterThan(3);
  await visit.axe();
  stop();
  await note.getByRole("button", { name: "Try again" }).click();
  await note.waitFor({ state: "detached" });
});

test("a chain of no stores is told what to do", async () => {
  await visit.page.unrouteAll();
  await answer(({ action }) => action === "Scan" || action === "Query", 200, { Items: [], Count: 0, ScannedCount: 0 });
  await visit.signIn();
  await visit.page.getByText("No store has uploaded yet.").waitFor();
  await visit.page.keyboard.press("g");
  await visit.page.keyboard.press("s");
  await visit.page.getByText("There is no stock here yet.").waitFor();
  await visit.axe();
});

test("a search without a match offers the way back", async () => {
  await visit.signIn(undefined, "#/stock?q=zzzz");
  await visit.page.getByText("No row matches.").waitFor();
  await visit.axe();
  await visit.page.locator(".empty").getByRole("button", { name: "Clear filters" }).click();
  await visit.page.locator(".grid-body .grid-row").first().waitFor();
});

test("signing out ends at the page, which says so", async () => {
  allowed = REFUSED; // The emulator has no /oauth2/revoke.
  await visit.signIn();
  await visit.page.locator("[popovertarget=account]").first().click();
  await visit.page.getByRole("button", { name: "Sign out" }).click();
  await visit.page.getByText("You are signed out.").waitFor();
  expect(visit.page.url()).toBe(url);
  await visit.page.reload();
  await visit.page.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await visit.page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
});

test("no token is kept anywhere, and a reload goes through the login to the same place", async () => {
  await visit.signIn(undefined, "#/stock?q=saffron&sort=-count");
  await visit.settled();
  const kept = await visit.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]));
  expect(kept).not.toMatch(/eyJ|verifier|token/);
  await visit.page.reload();
  await visit.logIn();
  expect(visit.page.url()).toBe(`${url}#/stock?q=saffron&sort=-count`);
  await visit.page.locator(".grid-body .grid-row").first().waitFor();
});

test("a session that ended keeps the address", async () => {
  allowed = REFUSED;
  await visit.page.clock.install();
  await visit.signIn(undefined, `#/store/${encodeURIComponent(STALE)}`);
  await visit.page.route(`${endpoint}/oauth2/token`, (route) =>
    route.fulfill({ status: 400, headers: { "access-control-allow-origin": "*" }, json: { error: "invalid_grant" } }));
  await visit.page.clock.fastForward("01:30:00");
  const dialog = visit.page.getByRole("dialog");
  await dialog.getByText("Your session has ended.").waitFor();
  await visit.axe();
  await visit.page.unrouteAll();
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await visit.logIn();
  expect(visit.page.url()).toContain(`#/store/${encodeURIComponent(STALE)}`);
});

test("a session is renewed without a word", async () => {
  const grants: string[] = [];
  await visit.page.route(`${endpoint}/oauth2/token`, async (route) => {
    const grant = new URLSearchParams(route.request().postData() ?? "").get("grant_type") as string;
    grants.push(grant);
    const response = await route.fetch();
    const tokens = (await response.json()) as { id_token: string };
    // The first token ends in a minute.
    const [head, payload = "", signature] = tokens.id_token.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as { exp: number };
    if (grant === "authorization_code") claims.exp = Math.floor(Date.now() / 1000) + 60;
    const short = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    await route.fulfill({ response, json: { ...tokens, id_token: grant === "authorization_code" ? short : tokens.id_token } });
  });
  await visit.signIn();
  await visit.settled();
  expect(grants).toEqual(["authorization_code", "refresh_token"]);
  expect(await visit.page.getByRole("alert").count()).toBe(0);
});

test("somebody in no group is told so", async () => {
  allowed = REFUSED;
  await visit.signIn(await person("nobody@example.com", undefined));
  await visit.page.getByText("Your account is in no group").first().waitFor();
  await visit.axe();
});

test("what a role may not do is named", async () => {
  allowed = REFUSED;
  await visit.signIn(await person("manager@example.com", "managers", MANAGED), "#/store/Amsterdam%20Jordaan");
  const note = visit.page.getByRole("alert").first();
  await note.waitFor();
  expect(await note.innerText()).toContain("Your role lacks the permission dynamodb:Query.");
  await visit.axe();
});

test("a busy table is asked again", async () => {
  allowed = REFUSED;
  const stop = await answer(isIndex, 400, failure("ThrottlingException", "Rate exceeded"));
  await visit.signIn();
  await visit.page.getByText("The table is busy.").waitFor();
  await visit.axe();
  stop();
  await visit.page.locator(".out-list li").first().waitFor({ timeout: 25_000 });
});

test("a table without the index says what still works", async () => {
  allowed = REFUSED;
  await answer(isIndex, 400, failure("ValidationException", "The table does not have the specified index: ByStatus"));
  await visit.signIn();
  await visit.page.getByText("The table has no index ByStatus.").waitFor();
  await visit.axe();
  await visit.page.evaluate((store) => (location.hash = `#/store/${encodeURIComponent(store)}`), MANAGED);
  await visit.page.locator(".grid-body .grid-row").first().waitFor();
});

test("offline, what was read stays, with its age", async () => {
  allowed = /ERR_INTERNET_DISCONNECTED/;
  await visit.signIn();
  await visit.settled();
  await visit.page.context().setOffline(true);
  const strip = visit.page.locator(".strip");
  await strip.getByText("You are offline.").waitFor();
  expect(await strip.innerText()).toContain("What is shown was read");
  expect(await visit.page.locator(".out-list li").count()).toBeGreaterThan(3);
  await visit.axe();
  await visit.page.context().setOffline(false);
  await strip.waitFor({ state: "detached", timeout: 25_000 });
});

test("a store that stopped uploading is stale, here and there", async () => {
  await visit.signIn();
  await visit.settled();
  await visit.page.getByRole("link", { name: new RegExp(STALE) }).first().click();
  await visit.page.getByText("What is shown may be out of date.").waitFor();
  await visit.axe();
});

test("a wrong clock is said, and ages go by the service's", async () => {
  await visit.page.clock.install({ time: Date.now() + 3 * 3_600_000 });
  await visit.signIn();
  await visit.page.getByText("This device's clock is wrong by 3 hours.").waitFor();
  await visit.settled();
  expect(await visit.page.locator(".updated").innerText()).toBe("Updated this minute");
  await visit.axe();
});

test("a bad setting is named", async () => {
  await visit.page.route("**/config.json", (route) => route.fulfill({ json: { region: "Mars" } }));
  await visit.page.goto(url);
  const alert = visit.page.getByRole("alert");
  await alert.getByText("This dashboard is not set up right").waitFor();
  expect(await alert.innerText()).toContain('"region" in config.json must be a region like eu-central-1, not "Mars"');
  expect(await visit.page.getByRole("button").count()).toBe(0);
  await visit.axe();
});

test("an answer of the login that nobody asked for is refused", async () => {
  await visit.page.goto(`${url}?code=stolen&state=forged`);
  await visit.page.getByText("Signing in did not work").waitFor();
  expect(visit.page.url()).toBe(url);
  await visit.axe();
});

test("a breach of the security policy would be noticed", async () => {
  allowed = /style-src/;
  await visit.page.goto(url);
  await visit.page.evaluate(() => document.body.setAttribute("style", "color: red"));
  await expect.poll(() => visit.complaints.join()).toContain("policy: style-src");
});

test("rows of somebody else are read by their counts, digit for digit", async () => {
  await visit.signIn(undefined, `#/store/${encodeURIComponent(MANAGED)}?q=FOREIGN`);
  const row = visit.page.locator(".grid-row", { hasText: FOREIGN });
  await row.waitFor();
  expect(await row.innerText()).toMatch(/Out[\s\S]*−3/);
  expect((await visit.page.locator(".grid-body").innerText()).replaceAll(",", "")).toContain(EXACT);
});

test("what is read: the index and the small table at first, then versions alone", async () => {
  const asked: string[] = [];
  await visit.page.clock.install();
  visit.page.on("request", (request) => {
    const target = request.headers()["x-amz-target"];
    if (target?.startsWith("DynamoDB")) asked.push(`${target.split(".")[1]} ${/"TableName":"(\w+)/.exec(request.postData() ?? "")?.[1]}`);
  });
  await visit.signIn();
  await visit.settled();
  expect(asked.sort()).toEqual([...Array.from({ length: 8 }, () => "Query Inventory"), "Scan Stores"]);

  asked.length = 0;
  await visit.page.clock.fastForward(10_500);
  await expect.poll(() => asked).toEqual(["Scan Stores"]);

  const version = `${new Date().toISOString()}/1`;
  await put("StoresTable", { Store: { S: MANAGED }, Version: { S: version }, Uploaded: { S: new Date().toISOString() }, Outcome: { S: "applied" } });
  asked.length = 0;
  await visit.page.clock.fastForward(10_500);
  await expect.poll(() => asked.length).toBe(9);

  asked.length = 0;
  await visit.page.evaluate(() => Object.defineProperty(document, "visibilityState", { get: () => "hidden" }));
  await visit.page.clock.fastForward(60_000);
  expect(asked).toEqual([]);

  await visit.page.keyboard.press("~");
  const units = visit.page.getByRole("complementary", { name: "What was read" });
  await expect.poll(() => units.innerText()).toMatch(/alerts\s+16\s/);
  await visit.axe();
});
