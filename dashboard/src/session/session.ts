import * as oauth from "oauth4webapi";
import { CloudError } from "../cloud/cloud.ts";
import type { Cognito, Config } from "../config.ts";

/** Who is signed in. The tokens are held in memory alone, inside {@link idToken}. */
export type Session = {
  /** How people know who is signed in; empty in a demonstration. */
  user: string;
  /** The only store of a manager; nothing for who sees every store. */
  store: string | undefined;
  /** Milliseconds by which this machine's clock is behind the service's. */
  skew: number;
  idToken(): Promise<string>;
  /** Forgets the tokens and leaves for the login's own sign-out. */
  signOut(): Promise<void>;
};

/** Where the page is and what it may use of the browser, so that tests can give their own. */
export type Surroundings = {
  url: URL;
  storage: Storage;
  fetch: typeof fetch;
  now(): number;
  /** Leaves the page. */
  leave(url: URL): void;
};

/** What is kept while people are at the login, and gone when they are back. */
type Attempt = { verifier: string; state: string; nonce: string; hash: string };

const ATTEMPT = "sign-in";
const SIGNED_IN = "signed-in";
const SIGNED_OUT = "signed-out";
/** Signed in less than so long ago by the service's clock; else the clock here is wrong. */
const TOLERANCE = 2 * 60_000;
/** A token is renewed so long before it ends. */
const MARGIN = 5 * 60_000;

/** Goes to the login, and comes back to the same place. */
export async function signIn(config: Config, cognito: Cognito, around: Surroundings): Promise<void> {
  const attempt: Attempt = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    hash: around.url.hash,
  };
  around.storage.setItem(ATTEMPT, JSON.stringify(attempt));
  const url = new URL(server(config, cognito).authorization_endpoint as string);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: cognito.clientId,
    redirect_uri: here(around.url),
    scope: "openid email profile",
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: "S256",
  }).toString();
  around.leave(url);
}

/** Whether the address is one that the login sent people back to. */
export function isCallback(url: URL): boolean {
  return url.searchParams.has("state") && (url.searchParams.has("code") || url.searchParams.has("error"));
}

/** Whether somebody was signed in here before a reload: then the login may know them still. */
export function wasSignedIn(around: Surroundings): boolean {
  return around.storage.getItem(SIGNED_IN) !== null;
}

/** Whether somebody has just signed out here. Said once. */
export function tookLeave(around: Surroundings): boolean {
  const left = around.storage.getItem(SIGNED_OUT) !== null;
  around.storage.removeItem(SIGNED_OUT);
  return left;
}

/** Ends a sign-in: the session, and the place where it started. */
export async function complete(
  config: Config, cognito: Cognito, around: Surroundings,
): Promise<{ session: Session; hash: string }> {
  const attempt = taken(around.storage);
  // Not asked twice in a row: what failed once would fail again, for ever.
  around.storage.removeItem(SIGNED_IN);
  const as = server(config, cognito);
  const client: oauth.Client = { client_id: cognito.clientId };
  const options = insecure(config, around.fetch);
  const parameters = oauth.validateAuthResponse(as, client, around.url, attempt.state);
  const sent = around.now();
  const answer = await oauth.authorizationCodeGrantRequest(
    as, client, oauth.None(), parameters, here(around.url), attempt.verifier, options,
  );
  const skew = await skewOf(answer, sent, around.now());
  client[oauth.clockSkew] = Math.round(skew / 1000);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: attempt.nonce });
  around.storage.setItem(SIGNED_IN, "");
  return { session: sessionOf(config, cognito, around, client, tokens, skew), hash: attempt.hash };
}

function taken(storage: Storage): Attempt {
  const kept = storage.getItem(ATTEMPT);
  storage.removeItem(ATTEMPT);
  if (!kept) throw new CloudError({ kind: "expired" });
  return JSON.parse(kept) as Attempt;
}

function sessionOf(
  config: Config, cognito: Cognito, around: Surroundings, client: oauth.Client, first: oauth.TokenEndpointResponse, skew: number,
): Session {
  const as = server(config, cognito);
  const claims = claimsOf(first);
  let idToken = first.id_token as string;
  let ends = claims.exp * 1000;
  const refreshToken = first.refresh_token;
  let renewing: Promise<void> | undefined;

  async function renew(): Promise<void> {
    if (!refreshToken) throw new CloudError({ kind: "expired" });
    const options = insecure(config, around.fetch);
    const answer = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshToken, options);
    const tokens = await oauth.processRefreshTokenResponse(as, client, answer).catch((error: unknown) => {
      throw error instanceof oauth.ResponseBodyError ? new CloudError({ kind: "expired" }) : error;
    });
    idToken = tokens.id_token as string;
    ends = claimsOf(tokens).exp * 1000;
  }

  const groups = claims["cognito:groups"];
  const isManager = Array.isArray(groups) && groups.includes("managers");
  const store = claims["custom:store"];
  return {
    user: String(claims["name"] ?? claims["email"] ?? claims.sub),
    store: isManager ? (typeof store === "string" ? store : "") : undefined,
    skew,
    async idToken() {
      if (ends - (around.now() + skew) < MARGIN) {
        renewing ??= renew().finally(() => (renewing = undefined));
        await renewing;
      }
      return idToken;
    },
    async signOut() {
      around.storage.removeItem(SIGNED_IN);
      around.storage.setItem(SIGNED_OUT, "");
      if (refreshToken) {
        const options = insecure(config, around.fetch);
        // Signing out goes on without an answer: the cookie at the login ends there.
        await oauth.revocationRequest(as, client, oauth.None(), refreshToken, options).catch(() => undefined);
      }
      const url = new URL(`${cognito.login}/logout`);
      url.search = new URLSearchParams({ client_id: cognito.clientId, logout_uri: here(around.url) }).toString();
      around.leave(url);
    },
  };
}

function claimsOf(tokens: oauth.TokenEndpointResponse): oauth.IDToken {
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (!claims) throw new CloudError({ kind: "other", message: "the login sent no id token" });
  return claims;
}

/** The service issued the token while the request was under way: by that the clock here is judged. */
async function skewOf(answer: Response, sent: number, received: number): Promise<number> {
  try {
    const { id_token } = (await answer.clone().json()) as { id_token: string };
    const payload = id_token.split(".")[1] as string;
    const { iat } = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))) as { iat: number };
    const skew = iat * 1000 - (sent + received) / 2;
    return Math.abs(skew) > TOLERANCE ? skew : 0;
  } catch {
    return 0; // What is wrong with the answer is said by who processes it.
  }
}

function server(config: Config, cognito: Cognito): oauth.AuthorizationServer {
  return {
    issuer: `https://cognito-idp.${config.region}.amazonaws.com/${cognito.userPoolId}`,
    authorization_endpoint: `${cognito.login}/oauth2/authorize`,
    token_endpoint: `${cognito.login}/oauth2/token`,
    revocation_endpoint: `${cognito.login}/oauth2/revoke`,
  };
}

/** Plain HTTP is only for an emulator on the loopback, which config.ts saw to. */
function insecure(config: Config, fetch: typeof globalThis.fetch) {
  return { [oauth.allowInsecureRequests]: config.endpoint !== undefined, [oauth.customFetch]: fetch };
}

/** The address of the page as it is registered with the login. */
function here(url: URL): string {
  return new URL("./", url.origin + url.pathname).href;
}

/** Who looks at a demonstration: nobody in particular, who sees every store. */
export function demonstration(): Session {
  return { user: "", store: undefined, skew: 0, idToken: async () => "", signOut: async () => undefined };
}
