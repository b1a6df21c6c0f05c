/** What a deployment says of itself in config.json. It holds no secret. */
export type Config = Tables & { access: Access; endpoint?: string };

export type Tables = {
  region: string;
  inventoryTable: string;
  inventoryIndex: string;
  storesTable: string;
  uploadsTable: string;
  /** A store without an upload for so long is stale. */
  hoursWithoutUpload: number;
};

/** Who may read: people who sign in, or on the loopback whoever opens the demonstration. */
export type Access = Cognito | Demonstration;

export type Cognito = {
  kind: "cognito";
  userPoolId: string;
  clientId: string;
  identityPoolId: string;
  login: string;
  uploadsBucket: string;
};

export type Demonstration = { kind: "demonstration"; accessKeyId: string; secretAccessKey: string };

/** A setting that cannot be used; the message names it and says what it has to be. */
export class ConfigError extends Error {}

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/;
const HOURS = 26;

/** Checks the settings of a page served by a host. */
export function validate(settings: unknown, host: string): Config {
  if (typeof settings !== "object" || settings === null) throw new ConfigError("config.json must hold one JSON object");
  const given = settings as Record<string, unknown>;
  const local = host === "localhost" || host === "127.0.0.1";

  const text = (name: string, pattern: RegExp, shape: string): string => {
    const value = given[name];
    if (typeof value === "string" && pattern.test(value)) return value;
    throw new ConfigError(`"${name}" in config.json must be ${shape}, not ${JSON.stringify(value) ?? "missing"}`);
  };
  const loopback = (name: string) => {
    if (!local) throw new ConfigError(`"${name}" in config.json is for a page on localhost, not on ${host}`);
    return text(name, LOOPBACK, "an address like http://127.0.0.1:4566");
  };
  const table = (name: string) => text(name, /^[\w.-]{3,255}$/, "a name of 3 to 255 letters, digits, _ . -");

  const endpoint = "endpoint" in given ? { endpoint: loopback("endpoint") } : {};
  return {
    ...endpoint,
    region: text("region", /^[a-z]{2}(-[a-z]+)+-\d$/, "a region like eu-central-1"),
    inventoryTable: table("inventoryTable"),
    inventoryIndex: table("inventoryIndex"),
    storesTable: table("storesTable"),
    uploadsTable: table("uploadsTable"),
    hoursWithoutUpload: hours(given["hoursWithoutUpload"]),
    access: "credentials" in given ? demonstration() : cognito(),
  };

  function demonstration(): Demonstration {
    loopback("endpoint");
    const keys = given["credentials"] as Partial<Demonstration> | null;
    if (typeof keys?.accessKeyId !== "string" || typeof keys.secretAccessKey !== "string") {
      throw new ConfigError('"credentials" in config.json must hold the texts accessKeyId and secretAccessKey');
    }
    return { kind: "demonstration", accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey };
  }

  function cognito(): Cognito {
    return {
      kind: "cognito",
      userPoolId: text("userPoolId", /^[\w-]+_\w+$/, "an id like eu-central-1_AbCdEfGhI"),
      clientId: text("clientId", /^\w+$/, "the id of an app client"),
      identityPoolId: text("identityPoolId", /^[\w-]+:[\w-]+$/, "an id like eu-central-1:0a1b2c3d-..."),
      login: local && LOOPBACK.test(String(given["login"]))
        ? loopback("login")
        : text("login", /^https:\/\/[\w.-]+$/, "an address like https://NAME.auth.REGION.amazoncognito.com"),
      uploadsBucket: text("uploadsBucket", /^[a-z0-9.-]{3,63}$/, "the name of a bucket"),
    };
  }
}

function hours(value: unknown): number {
  if (value === undefined) return HOURS;
  if (typeof value === "number" && value > 0) return value;
  throw new ConfigError(`"hoursWithoutUpload" in config.json must be a number above 0, not ${JSON.stringify(value)}`);
}

/** Reads config.json beside the page. */
export async function load(fetch: typeof globalThis.fetch, host: string): Promise<Config> {
  const answer = await fetch("./config.json", { cache: "no-store" });
  if (!answer.ok) throw new ConfigError(`config.json could not be read: the server answered ${answer.status}`);
  const settings = await answer.json().catch(() => {
    throw new ConfigError("config.json is not JSON");
  });
  return validate(settings, host);
}
