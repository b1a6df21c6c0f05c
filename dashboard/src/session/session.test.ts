import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Cognito, validate } from "../config.ts";
import { complete, isCallback, signIn, type Surroundings, tookLeave, wasSignedIn } from "./session.ts";

const config = validate({
  region: "eu-central-1", userPoolId: "eu-central-1_AbC", clientId: "abc123", identityPoolId: "eu-central-1:0a1b",
  login: "https://login.example", inventoryTable: "Inventory", inventoryIndex: "ByStatus", storesTable: "Stores", uploadsTable: "Uploads",
  uploadsBucket: "uploads",
}, "d1.cloudfront.net");
const cognito = config.access as Cognito;
const NOW = Date.UTC(2026, 10, 24, 12);

// oauth4webapi looks at the clock itself.
beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

function surroundings(hash = "#/stock?q=tea") {
  const kept = new Map<string, string>();
  const around = {
    url: new URL(`https://d1.cloudfront.net/${hash}`),
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    } as Storage,
    fetch: (async () => new Response("{}", { status: 500 })) as typeof fetch,
    now: Date.now,
    left: [] as URL[],
    leave: (url: URL) => void around.left.push(url),
  };
  return { around: around as Surroundings & { left: URL[] }, kept };
}

/** What the login answers, for the nonce of who asks. */
function token(nonce: string, claims: object = {}, issued = NOW): string {
  const part = (value: object) => btoa(JSON.stringify(value)).replace(/=+$/, "").replace(/\+/g, "-").replace(/\//g, "_");
  const iat = issued / 1000;
  const standard = { iss: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC", aud: "abc123", sub: "1", iat, exp: iat + 3600, nonce, email: "ada@example.com" };
  return `${part({ alg: "RS256" })}.${part({ ...standard, ...claims })}.x`;
}

async function signedIn(claims: object = {}, issued = NOW) {
  const { around, kept } = surroundings();
  await signIn(config, cognito, around);
  const asked = around.left[0]?.searchParams as URLSearchParams;
  const requests: URLSearchParams[] = [];
  around.url = new URL(`https://d1.cloudfront.net/?code=c&state=${asked.get("state")}`);
  around.fetch = (async (_: string, init: RequestInit) => {
    requests.push(new URLSearchParams(String(init.body)));
    const isFirst = requests.at(-1)?.get("grant_type") === "authorization_code";
    return Response.json({ access_token: "a", id_token: token(asked.get("nonce") ?? "", claims, isFirst ? issued : Date.now()), refresh_token: "r", token_type: "Bearer", expires_in: 3600 });
  }) as typeof fetch;
  return { ...(await complete(config, cognito, around)), around, kept, asked, requests };
}

test("the login is asked with a challenge, and its answer brings people back where they were", async () => {
  const { session, hash, asked, requests, kept } = await signedIn();
  expect(asked.get("code_challenge_method")).toBe("S256");
  expect(asked.get("redirect_uri")).toBe("https://d1.cloudfront.net/");
  expect(requests[0]?.get("code_verifier")).toBeTruthy();
  expect(hash).toBe("#/stock?q=tea");
  expect(session).toMatchObject({ user: "ada@example.com", store: undefined, skew: 0 });
  expect([...kept.keys()]).toEqual(["signed-in"]);
});

test("an answer with another state, or that nobody asked for, is refused", async () => {
  const { around } = surroundings();
  around.url = new URL("https://d1.cloudfront.net/?code=c&state=forged");
  expect(isCallback(around.url)).toBe(true);
  await expect(complete(config, cognito, around)).rejects.toThrow();
  await signIn(config, cognito, around);
  await expect(complete(config, cognito, around)).rejects.toThrow("state");
  expect(wasSignedIn(around)).toBe(false);
});

test("a manager is known by the group, with the store of the claim", async () => {
  expect((await signedIn({ "cognito:groups": ["managers"], "custom:store": "Oslo" })).session.store).toBe("Oslo");
  expect((await signedIn({ "cognito:groups": ["managers"] })).session.store).toBe("");
  expect((await signedIn({ "cognito:groups": ["viewers"], "custom:store": "Oslo" })).session.store).toBeUndefined();
});

test("a clock that is wrong is told by the token, and signing in works", async () => {
  expect((await signedIn({}, NOW + 3 * 3_600_000)).session.skew).toBe(3 * 3_600_000);
  expect((await signedIn({}, NOW - 60_000)).session.skew).toBe(0);
});

test("a token near its end is renewed once, however many ask", async () => {
  const { session, requests } = await signedIn();
  const first = await session.idToken();
  vi.setSystemTime(NOW + 56 * 60_000);
  const [second, third] = await Promise.all([session.idToken(), session.idToken()]);
  expect(requests.map((request) => request.get("grant_type"))).toEqual(["authorization_code", "refresh_token"]);
  expect(second).not.toBe(first);
  expect(third).toBe(second);
});

test("a token that cannot be renewed ends the session", async () => {
  const { session, around } = await signedIn();
  vi.setSystemTime(NOW + 60 * 60_000);
  around.fetch = (async () => Response.json({ error: "invalid_grant" }, { status: 400 })) as typeof fetch;
  await expect(session.idToken()).rejects.toMatchObject({ trouble: { kind: "expired" } });
});

test("signing out revokes, forgets and leaves, even without an answer", async () => {
  const { session, around } = await signedIn();
  around.fetch = (async () => Promise.reject(new TypeError("Failed to fetch"))) as typeof fetch;
  await session.signOut();
  expect(String(around.left.at(-1))).toBe("https://login.example/logout?client_id=abc123&logout_uri=https%3A%2F%2Fd1.cloudfront.net%2F");
  expect([wasSignedIn(around), tookLeave(around), tookLeave(around)]).toEqual([false, true, false]);
});
