import { useMemo } from "preact/hooks";
import { useAlerts, useHere, useStores } from "../app/context.ts";
import { Empty, Icon, type IconName, Link, Skeleton, StatusMark, TroubleNote } from "../app/ui.tsx";
import { type Route, to } from "../app/url.ts";
import { type Columns, type Level, STATUSES } from "../data/columns.ts";
import { EVERYTHING, select } from "../data/select.ts";
import type { Upload } from "../data/uploads.ts";

const LISTED = 12;
/** The tile of the worst store is the darkest of so many. */
const HEATS = 6;
const TILES = 120;

/** How many stores, how bad, how fresh: what somebody wants to know first in the morning. */
export function Overview() {
  const { t, now, config } = useHere();
  const stores = useStores();
  const alerts = useAlerts();
  const rankings = useMemo(() => rank(alerts.data, stores.data ?? []), [alerts.data, stores.data]);
  const staleAfter = config.hoursWithoutUpload * 3_600_000;
  const stale = (stores.data ?? []).filter(({ uploaded }) => uploaded === undefined || now() - uploaded > staleAfter);
  const nothing = stores.data?.length === 0 && alerts.data?.length === 0;
  return (
    <div class="overview">
      <h1 tabIndex={-1}>{t.nav.overview}</h1>
      {alerts.trouble && <TroubleNote trouble={alerts.trouble} at={alerts.at} partial={alerts.data !== undefined} />}
      {stores.trouble && stores.trouble.kind !== alerts.trouble?.kind && stores.trouble.kind !== "offline" && (
        <TroubleNote trouble={stores.trouble} at={stores.at} />
      )}
      {nothing ? <Empty icon="store" title={t.overview.noStores} hint={t.overview.noStoresHint} /> : (
        <>
          <Figures rankings={rankings} alerts={alerts.data} stores={stores.data} stale={stale.length} />
          <div class="overview-grid">
            <OutList alerts={alerts.data} failed={alerts.trouble !== undefined} />
            <div class="stack">
              <Freshness stores={stores.data} stale={stale} />
              <HeatGrid rankings={alerts.data && stores.data && rankings} stale={stale} failed={alerts.trouble !== undefined} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

type Ranking = { store: string; out: number; low: number };

/** The stores with what is out and low in each, the worst first. */
function rank(alerts: Columns | undefined, stores: readonly Upload[]): Ranking[] {
  const of = new Map<string, Ranking>(stores.map(({ store }) => [store, { store, out: 0, low: 0 }]));
  for (let i = 0; alerts && i < alerts.length; i++) {
    const store = alerts.texts.texts[alerts.arrays.store[i] as number] as string;
    const status = STATUSES[alerts.arrays.status[i] as number];
    const ranking = of.get(store) ?? { store, out: 0, low: 0 };
    if (status === "out" || status === "low") ranking[status]++;
    of.set(store, ranking);
  }
  return [...of.values()].sort((a, b) => b.out - a.out || b.low - a.low || (a.store < b.store ? -1 : 1));
}

function Figures({ rankings, alerts, stores, stale }: {
  rankings: Ranking[];
  alerts: Columns | undefined;
  stores: Upload[] | undefined;
  stale: number;
}) {
  const { t, format, config } = useHere();
  const tally = useMemo(() => alerts?.tally(), [alerts]);
  const within = (status: "out" | "low") => t.overview.ofStores(format.number(rankings.filter((r) => r[status]).length));
  return (
    <div class="figures">
      <Figure kind="out" icon="out" label={t.overview.out} value={tally?.out} hint={tally && within("out")} href={to("stock", { selection: { statuses: ["out"] } })} />
      <Figure kind="low" icon="low" label={t.overview.low} value={tally?.low} hint={tally && within("low")} href={to("stock", { selection: { statuses: ["low"] } })} />
      <Figure kind="plain" icon="store" label={t.overview.stores} value={stores && rankings.length} href={to("uploads")} />
      <Figure kind={stale ? "stale" : "plain"} icon="clock" label={t.overview.stale} value={stores && stale}
        hint={t.overview.staleHint(format.number(config.hoursWithoutUpload))} href={to("uploads")} />
    </div>
  );
}

function Figure({ kind, icon, label, value, hint, href }: {
  kind: string; icon: IconName; label: string; value: number | undefined; hint?: string | undefined; href: Route;
}) {
  const { format } = useHere();
  return (
    <Link to={href} class={`figure ${kind}`}>
      <span class="figure-label"><Icon name={icon} />{label}</span>
      <span class="figure-value">{value === undefined ? <span class="skeleton figure-skeleton" /> : format.number(value)}</span>
      <span class="figure-hint">{hint ?? "\u00a0"}</span>
    </Link>
  );
}

function OutList({ alerts, failed }: { alerts: Columns | undefined; failed: boolean }) {
  const { t } = useHere();
  const [rows, all] = useMemo((): [Level[], number] => {
    if (!alerts) return [[], 0];
    const chosen = select(alerts, { ...EVERYTHING, statuses: ["out"], sort: { column: "changed", descending: true } });
    return [[...chosen.subarray(0, LISTED)].map((i) => alerts.level(i)), chosen.length];
  }, [alerts]);
  return (
    <section class="card">
      <header>
        <h2>{t.overview.outItems}</h2>
        {all > 0 && <Link to={to("stock", { selection: { statuses: ["out"] } })}>{t.overview.seeAll}</Link>}
      </header>
      {!alerts ? (failed ? null : <Skeleton lines={LISTED} of="rows" />) : rows.length ? (
        <ul class="out-list">{rows.map((level) => <OutRow key={`${level.store} ${level.item}`} level={level} />)}</ul>
      ) : <Empty icon="ok" title={t.overview.nothingOut} hint={t.overview.nothingOutHint} />}
    </section>
  );
}

function OutRow({ level }: { level: Level }) {
  const { format, route } = useHere();
  return (
    <li>
      <Link to={{ ...route, item: level.item }}>
        <StatusMark status={level.status} />
        <span class="grow">
          <span class="name" dir="auto">{level.name ?? level.item}</span>
          <span class="sub" dir="auto">{level.store}{level.name && ` · ${level.item}`}</span>
        </span>
        <span class="numeric">{level.count !== undefined && format.number(level.count)}</span>
        <span class="sub age">{level.changed !== undefined && format.ago(level.changed)}</span>
      </Link>
    </li>
  );
}

/** A tile a store: the fuller of colour, the more is out there. */
function HeatGrid({ rankings, stale, failed }: { rankings: Ranking[] | undefined; stale: Upload[]; failed: boolean }) {
  const { t, format } = useHere();
  const most = Math.max(1, ...(rankings ?? []).map(({ out }) => out));
  const stopped = new Set(stale.map(({ store }) => store));
  return (
    <section class="card">
      <header><h2>{t.overview.worst}</h2></header>
      {!rankings ? (failed ? null : <Skeleton lines={4} />) : (
        <ul class="heat">
          {rankings.slice(0, TILES).map(({ store, out, low }) => (
            <li key={store}>
              <Link to={to("store", { store })} class={`tile heat-${out ? Math.max(1, Math.ceil((out / most) * HEATS)) : 0}`}
                title={t.overview.tile(format.number(out), format.number(low))}>
                <span class="tile-name" dir="auto">{store}</span>
                <span class="tile-counts">
                  <span class="tile-out"><Icon name="out" />{format.number(out)}<span class="sr"> {t.status.out}</span></span>
                  <span class="tile-low"><Icon name="low" />{format.number(low)}<span class="sr"> {t.status.low}</span></span>
                  {stopped.has(store) && <span class="tile-stale"><Icon name="clock" /><span class="sr">{t.store.stale}</span></span>}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {rankings && rankings.length > TILES && (
        <p class="heat-more"><Link to={to("uploads")}>{t.overview.moreStores(format.number(rankings.length - TILES))}</Link></p>
      )}
    </section>
  );
}

function Freshness({ stores, stale }: { stores: Upload[] | undefined; stale: Upload[] }) {
  const { t, format } = useHere();
  const byAge = (stores ?? []).filter(({ uploaded }) => uploaded !== undefined).sort((a, b) => (b.uploaded as number) - (a.uploaded as number));
  const lines: [string, Upload | undefined][] = [[t.overview.newest, byAge[0]], [t.overview.oldest, byAge.at(-1)]];
  const stopped = new Set(stale.map(({ store }) => store));
  return (
    <section class="card">
      <header><h2>{t.overview.fresh}</h2></header>
      {!stores ? <Skeleton lines={2} of="pairs" /> : (
        <dl class="fresh">
          {lines.map(([word, upload]) => upload?.uploaded !== undefined && (
            <div key={word}>
              <dt>{word}</dt>
              <dd>
                <Link to={to("store", { store: upload.store })}>{upload.store}</Link>
                <span class="sub" title={format.when(upload.uploaded)}>{format.ago(upload.uploaded)}</span>
                {stopped.has(upload.store) && <span class="tag warn">{t.store.stale}</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
