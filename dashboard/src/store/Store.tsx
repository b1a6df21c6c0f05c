import { useMemo } from "preact/hooks";
import { useHere, useStore, useStores, useUploads } from "../app/context.ts";
import { Empty, Icon, Link, OutcomeMark, Skeleton, TroubleNote } from "../app/ui.tsx";
import type { Columns } from "../data/columns.ts";
import { type Column, COLUMNS } from "../data/select.ts";
import { Rows } from "../stock/Stock.tsx";
import { UploadList } from "../uploads/UploadList.tsx";

const COLUMNS_OF_ONE: readonly Column[] = COLUMNS.filter((column) => column !== "store");

/** One store: how it stands, its rows, its uploads. */
export function Store({ store }: { store: string }) {
  const { t, format, route, now, config } = useHere();
  const stock = useStore(store);
  const stores = useStores();
  const upload = stores.data?.find((known) => known.store === store);
  const isStale = upload?.uploaded !== undefined && now() - upload.uploaded > config.hoursWithoutUpload * 3_600_000;
  // Whether it is stale stands above the rows, and must not push them down.
  const isKnown = stores.data !== undefined || stores.trouble !== undefined;
  const isUnknown = stores.data && !upload && stock.data?.length === 0;
  return (
    <div class="store">
      <div class="store-head">
        <div>
          <h1 tabIndex={-1} dir="auto">{store}</h1>
          <p class="sub">
            {t.store.lastUpload}: {upload?.uploaded === undefined ? (stores.data ? t.store.never : "…")
              : <><span title={format.when(upload.uploaded)}>{format.ago(upload.uploaded)}</span> <OutcomeMark outcome={upload.outcome} /></>}
            {isStale && <> <span class="tag warn"><Icon name="clock" />{t.store.stale}</span></>}
          </p>
        </div>
        <StatusBar rows={stock.data} />
      </div>
      {isStale && <div class="note stale" role="status"><Icon name="clock" /><p>{t.store.staleText(format.when(upload.uploaded as number))}</p></div>}
      {!isKnown ? <Skeleton lines={14} /> : isUnknown && route.tab === "items" ? <Empty icon="store" title={t.store.unknown} hint={t.store.unknownHint} /> : (
        <>
          <nav class="subtabs" aria-label={store}>
            {(["items", "uploads"] as const).map((tab) => (
              <Link key={tab} to={{ ...route, tab }} aria-current={route.tab === tab ? "page" : undefined}>{t.store[tab]}</Link>
            ))}
          </nav>
          {route.tab === "items"
            ? <Rows label={t.store.grid(store)} answer={stock} columns={COLUMNS_OF_ONE} isKnown={false} />
            : <History store={store} />}
        </>
      )}
    </div>
  );
}

function History({ store }: { store: string }) {
  const { t } = useHere();
  const { data, trouble, at } = useUploads(store);
  return (
    <>
      {trouble && <TroubleNote trouble={trouble} at={at} partial={data !== undefined} />}
      {data ? (data.length ? <UploadList uploads={data} /> : <Empty icon="upload" title={t.uploads.none} />)
        : !trouble && <Skeleton lines={6} />}
    </>
  );
}

/** How much of the store is out, low and in stock. */
function StatusBar({ rows }: { rows: Columns | undefined }) {
  const { t, format } = useHere();
  const tally = useMemo(() => rows?.tally(), [rows]);
  if (!tally || !rows) return <div class="status-bar"><div class="bar skeleton" /><ul><li>{"\u00a0"}</li></ul></div>;
  const parts = (["out", "low", "ok", "unreadable"] as const).filter((status) => status !== "unreadable" || tally.unreadable);
  return (
    <div class="status-bar" role="group" aria-label={t.store.bar}>
      <div class="bar" aria-hidden="true">
        {parts.map((status) => <i key={status} class={status} style={{ flexGrow: tally[status] }} />)}
      </div>
      <ul>
        {parts.map((status) => (
          <li key={status} class={status}><Icon name={status} /><strong>{format.number(tally[status])}</strong> {t.status[status]}</li>
        ))}
      </ul>
    </div>
  );
}
