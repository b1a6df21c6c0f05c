import "../styles/app.css";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { type Cloud, type Cost, Meter } from "../cloud/cloud.ts";
import type { Config } from "../config.ts";
import { type Copy, copyIn } from "../copy/index.ts";
import { Warehouse } from "../data/warehouse.ts";
import { ItemPanel } from "../item/ItemPanel.tsx";
import { Overview } from "../overview/Overview.tsx";
import { apply, type Preferences, read, write } from "../preferences.ts";
import type { Session } from "../session/session.ts";
import { Logo } from "../session/SignIn.tsx";
import { Stock } from "../stock/Stock.tsx";
import { Store } from "../store/Store.tsx";
import { Uploads } from "../uploads/Uploads.tsx";
import { Context, type Here, useHere, useStores, useAlerts } from "./context.ts";
import { formatOf } from "./format.ts";
import { Palette } from "./Palette.tsx";
import { PreferencesDialog, ShortcutsDialog, Units } from "./dialogs.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { Dialog, Icon, type IconName, Link } from "./ui.tsx";
import { format, parse, type Screen, to } from "./url.ts";

const POLL_EVERY = 10_000;
const TICK_EVERY = 15_000;

type Opened = "palette" | "preferences" | "shortcuts" | undefined;

export function App({ config, session, copy, connect, signInAgain }: {
  config: Config;
  session: Session;
  copy: Copy;
  connect(config: Config, session: Session, spent: (cost: Cost) => void): Cloud;
  signInAgain(): void;
}) {
  const [t, setCopy] = useState(copy);
  const [preferences, setPreferences] = useState(() => read(localStorage, navigator.languages));
  const [route, setRoute] = useState(() => parse(location.hash));
  const [opened, setOpened] = useState<Opened>();
  const [measuring, setMeasuring] = useState(false);
  const [, tick] = useReducer((times: number) => times + 1, 0);
  const now = useCallback(() => Date.now() + session.skew, [session]);
  const [cloud, warehouse, meter] = useMemo(() => {
    const meter = new Meter();
    const cloud = connect(config, session, meter.add);
    return [cloud, new Warehouse(cloud, session.store, now), meter] as const;
  }, [config, session]);

  useEffect(() => {
    const moved = () => setRoute(parse(location.hash));
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  useEffect(() => {
    const timer = setInterval(tick, TICK_EVERY);
    return () => clearInterval(timer);
  }, []);
  usePolling(warehouse);

  const here: Here = {
    t,
    format: useMemo(() => formatOf(preferences.language, preferences.zone, now, navigator.languages), [preferences.language, preferences.zone]),
    now,
    config,
    session,
    cloud,
    warehouse,
    preferences,
    prefer(change: Partial<Preferences>) {
      const changed = { ...preferences, ...change };
      write(localStorage, changed);
      apply(document.documentElement, changed);
      setPreferences(changed);
      if (change.language) void copyIn(change.language).then(setCopy);
    },
    route,
    go(next, inPlace = false) {
      if (inPlace) history.replaceState(null, "", format(next));
      else history.pushState(null, "", format(next));
      setRoute(next);
    },
  };

  useShortcuts(preferences.shortcuts, {
    palette: () => setOpened("palette"),
    help: () => setOpened("shortcuts"),
    units: () => setMeasuring((on) => !on),
    go: (screen) => here.go(to(screen)),
    close: () => route.item && here.go({ ...route, item: "" }),
  });

  return (
    <Context.Provider value={here}>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById("main")?.focus();
      }}>{t.nav.skip}</a>
      <Header onOpen={setOpened} />
      <Notices signInAgain={signInAgain} />
      <div class={route.item ? "with-panel" : "without-panel"}>
        <main id="main" tabIndex={-1}><Shown /></main>
        {route.item && <ItemPanel key={route.item} item={route.item} />}
      </div>
      <nav class="tabs" aria-label={t.nav.label}><Tabs /></nav>
      {opened === "palette" && <Palette onClose={() => setOpened(undefined)} onUnits={() => setMeasuring(true)} />}
      {opened === "preferences" && <PreferencesDialog onClose={() => setOpened(undefined)} />}
      {opened === "shortcuts" && <ShortcutsDialog onClose={() => setOpened(undefined)} />}
      {measuring && <Units meter={meter} onClose={() => setMeasuring(false)} />}
    </Context.Provider>
  );
}

/** The screen of the route; on a change the focus goes to its heading, as on a new page. */
function Shown() {
  const { route, t } = useHere();
  const first = useRef(true);
  useEffect(() => {
    const heading = document.querySelector<HTMLElement>("main h1");
    document.title = `${heading?.textContent ?? ""} · ${t.title}`;
    if (!first.current) heading?.focus();
    first.current = false;
  }, [route.screen, route.store, t]);
  switch (route.screen) {
    case "overview": return <Overview />;
    case "stock": return <Stock />;
    case "store": return <Store key={route.store} store={route.store} />;
    case "uploads": return <Uploads />;
  }
}

function Header({ onOpen }: { onOpen(what: Opened): void }) {
  const { t, format, session, warehouse } = useHere();
  const stores = useStores();
  const alerts = useAlerts();
  const loading = stores.loading || alerts.loading;
  return (
    <header class="top">
      <div class={`progress ${loading ? "on" : ""}`} />
      <Link to={to("overview")} class="brand"><Logo size={28} />{t.title}</Link>
      <nav class="top-nav" aria-label={t.nav.label}><Tabs /></nav>
      <button class="search-button" title={t.nav.palette} onClick={() => onOpen("palette")}>
        <Icon name="search" /><span>{t.nav.search}</span><kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <button class="updated" title={t.palette.refresh} onClick={() => void warehouse.refresh()}>
        {stores.at === undefined ? t.states.loading : t.states.updated(format.ago(stores.at))}
      </button>
      <button class="button quiet" popovertarget="account">
        <Icon name="person" /><span class="user">{session.user || t.nav.demonstration}</span>
        <span class="sr">{t.nav.account}</span><Icon name="down" />
      </button>
      <div id="account" popover="auto" class="menu">
        <p class="small">{session.user || t.nav.demonstration}{session.store && ` · ${session.store}`}</p>
        <button popovertarget="account" popovertargetaction="hide" onClick={() => onOpen("preferences")}>{t.nav.preferences}</button>
        <button popovertarget="account" popovertargetaction="hide" onClick={() => onOpen("shortcuts")}>{t.nav.shortcuts}</button>
        {session.user && <button onClick={() => void session.signOut()}>{t.nav.signOut}</button>}
      </div>
    </header>
  );
}

const TABS: [Screen, IconName][] = [["overview", "overview"], ["stock", "stock"], ["uploads", "upload"]];

function Tabs() {
  const { route, t } = useHere();
  return TABS.map(([screen, icon]) => (
    <Link key={screen} to={to(screen)} aria-current={route.screen === screen ? "page" : undefined}>
      <Icon name={icon} /><span>{t.nav[screen as "overview" | "stock" | "uploads"]}</span>
    </Link>
  ));
}

/** What concerns all screens: the clock, the end of the session, being offline. */
function Notices({ signInAgain }: { signInAgain(): void }) {
  const { t, format, session } = useHere();
  const { trouble, at } = useStores();
  return (
    <>
      {session.skew !== 0 && (
        <div class="strip" role="status"><Icon name="clock" />{t.states.clock(format.span(session.skew))}</div>
      )}
      {trouble?.kind === "offline" && (
        <div class="strip" role="alert">
          <Icon name="cloud" /><strong>{t.states.offline}</strong>{at !== undefined && ` ${t.states.offlineAge(format.ago(at))}`}
        </div>
      )}
      {trouble?.kind === "expired" && (
        <Dialog label={t.states.expired} kind="small" onClose={() => {}}>
          <h2>{t.states.expired}</h2>
          <p>{t.states.expiredHint}</p>
          <button class="button primary" onClick={signInAgain}>{t.signIn.button}</button>
        </Dialog>
      )}
    </>
  );
}

/** Asks for the versions while somebody looks, and at once when they look again. */
function usePolling(warehouse: Warehouse): void {
  useEffect(() => {
    let last = Date.now();
    const poll = () => {
      if (document.visibilityState !== "visible" || Date.now() - last < POLL_EVERY - 500) return;
      last = Date.now();
      void warehouse.poll();
    };
    const changed = () => {
      last = 0;
      poll();
    };
    const timer = setInterval(poll, POLL_EVERY);
    document.addEventListener("visibilitychange", poll);
    addEventListener("online", changed);
    addEventListener("offline", changed);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", poll);
      removeEventListener("online", changed);
      removeEventListener("offline", changed);
    };
  }, [warehouse]);
}
