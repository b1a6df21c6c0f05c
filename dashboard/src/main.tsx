import "./styles/tokens.css";
import "./styles/base.css";
import { render } from "preact";
import { type Cognito, type Config, ConfigError, load } from "./config.ts";
import { type Copy, copyIn } from "./copy/index.ts";
import { apply, read } from "./preferences.ts";
import { complete, demonstration, isCallback, type Session, signIn, type Surroundings, tookLeave, wasSignedIn } from "./session/session.ts";
import { SignIn, type SignInState } from "./session/SignIn.tsx";

const root = document.getElementById("app") as HTMLElement;
const around: Surroundings = {
  url: new URL(location.href),
  storage: sessionStorage,
  fetch: (...request) => fetch(...request),
  now: Date.now,
  leave: (url) => location.assign(url),
};

const parts = { app: () => import("./app/App.tsx"), aws: () => import("./cloud/aws.ts") };

void start();

async function start(): Promise<void> {
  if (isCallback(around.url)) preload();
  const preferences = read(localStorage, navigator.languages);
  apply(document.documentElement, preferences);
  const [t, config] = await Promise.all([copyIn(preferences.language), settings()]);
  document.title = t.title;
  if (config instanceof ConfigError) return show(t, { kind: "bad-config", message: config.message });
  const { access } = config;
  if (access.kind === "demonstration") return open(config, t, demonstration());
  if (isCallback(around.url)) return back(config, access, t);
  if (wasSignedIn(around)) return leave(config, access, t);
  show(t, { kind: "ready", signedOut: tookLeave(around) }, () => void leave(config, access, t));
}

async function settings(): Promise<Config | ConfigError> {
  try {
    return await load(around.fetch, location.hostname);
  } catch (error) {
    return error instanceof ConfigError ? error : new ConfigError(`config.json could not be read: ${String(error)}`);
  }
}

async function leave(config: Config, cognito: Cognito, t: Copy): Promise<void> {
  show(t, { kind: "going" });
  await signIn(config, cognito, around);
}

async function back(config: Config, cognito: Cognito, t: Copy): Promise<void> {
  show(t, { kind: "returning" });
  try {
    const { session, hash } = await complete(config, cognito, around);
    clean(hash);
    await open(config, t, session);
  } catch (error) {
    clean("");
    const message = error instanceof Error ? error.message : String(error);
    show(t, { kind: "failed", message }, () => void leave(config, cognito, t));
  }
}

/** Takes the code out of the address: a reload must not send it again. */
function clean(hash: string): void {
  history.replaceState(null, "", location.pathname + hash);
  around.url = new URL(location.href);
}

/** What comes after the sign-in is fetched while that is under way. */
function preload(): void {
  void parts.app();
  void parts.aws();
}

async function open(config: Config, t: Copy, session: Session): Promise<void> {
  const [{ App }, { connect }] = await Promise.all([parts.app(), parts.aws()]);
  const again = () => {
    around.url = new URL(location.href);
    if (config.access.kind === "cognito") void signIn(config, config.access, around);
  };
  render(<App config={config} session={session} copy={t} connect={connect} signInAgain={again} />, root);
}

function show(t: Copy, state: SignInState, onSignIn = () => {}): void {
  render(<SignIn t={t} state={state} onSignIn={onSignIn} />, root);
}
