import { expect, test } from "vitest";
import { ConfigError, load, validate } from "./config.ts";

const GOOD = {
  region: "eu-central-1", userPoolId: "eu-central-1_AbC", clientId: "abc123", identityPoolId: "eu-central-1:0a1b",
  login: "https://inventory-dev-1.auth.eu-central-1.amazoncognito.com", inventoryTable: "Inventory-dev", inventoryIndex: "ByStatus",
  storesTable: "Stores-dev", uploadsTable: "Uploads-dev", uploadsBucket: "inventory-dev-uploads", hoursWithoutUpload: 30,
};
const DEMO = { ...GOOD, endpoint: "http://127.0.0.1:4000", credentials: { accessKeyId: "demo", secretAccessKey: "demo" } };

test("a deployment's settings are taken as they are", () => {
  expect(validate(GOOD, "d1.cloudfront.net")).toMatchObject({ region: "eu-central-1", hoursWithoutUpload: 30, access: { kind: "cognito", clientId: "abc123" } });
  expect(validate({ ...GOOD, hoursWithoutUpload: undefined }, "d1.cloudfront.net").hoursWithoutUpload).toBe(26);
});

test.each([
  [{ region: "Mars" }, '"region" in config.json must be a region like eu-central-1, not "Mars"'],
  [{ clientId: undefined }, '"clientId" in config.json must be the id of an app client, not missing'],
  [{ login: "http://evil.example" }, '"login" in config.json must be an address like https://NAME.auth.REGION.amazoncognito.com, not "http://evil.example"'],
  [{ storesTable: 7 }, '"storesTable" in config.json must be a name of 3 to 255 letters, digits, _ . -, not 7'],
  [{ hoursWithoutUpload: 0 }, '"hoursWithoutUpload" in config.json must be a number above 0, not 0'],
])("%j is named", (change, message) => {
  expect(() => validate({ ...GOOD, ...change }, "d1.cloudfront.net")).toThrow(new ConfigError(message));
});

test("an endpoint and credentials are for the loopback alone", () => {
  expect(validate(DEMO, "localhost").access).toEqual({ kind: "demonstration", accessKeyId: "demo", secretAccessKey: "demo" });
  expect(() => validate(DEMO, "d1.cloudfront.net")).toThrow('"endpoint" in config.json is for a page on localhost, not on d1.cloudfront.net');
  expect(() => validate({ ...DEMO, endpoint: "http://10.0.0.1:4000" }, "localhost")).toThrow('"endpoint"');
  expect(() => validate({ ...GOOD, credentials: DEMO.credentials }, "localhost")).toThrow('"endpoint"');
});

test("a file that is not there or is no JSON is said", async () => {
  await expect(load(async () => new Response("", { status: 404 }), "x")).rejects.toThrow("the server answered 404");
  await expect(load(async () => new Response("<html>"), "x")).rejects.toThrow("config.json is not JSON");
});
