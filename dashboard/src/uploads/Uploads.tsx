import { useHere, useStores, useUploads } from "../app/context.ts";
import { Empty, Icon, Link, OutcomeMark, Skeleton, TroubleNote } from "../app/ui.tsx";
import { to } from "../app/url.ts";
import { NOBODY, type Upload } from "../data/uploads.ts";
import { Sender } from "./Sender.tsx";
import { UploadList } from "./UploadList.tsx";

/** A manager uploads here; who sees all stores sees what they uploaded. */
export function Uploads() {
  const { t, session } = useHere();
  return (
    <div class="uploads">
      <h1 tabIndex={-1}>{session.store === undefined ? t.nav.uploads : t.uploads.title}</h1>
      {session.store === undefined ? <OfAll /> : session.store === "" ? <Empty icon="lock" title={t.uploads.noStore} /> : <OfOne store={session.store} />}
    </div>
  );
}

function OfOne({ store }: { store: string }) {
  const { t } = useHere();
  const { data, trouble, at } = useUploads(store);
  return (
    <>
      <Sender store={store} />
      <h2>{t.uploads.history}</h2>
      {trouble && <TroubleNote trouble={trouble} at={at} partial={data !== undefined} />}
      {data ? (data.length ? <UploadList uploads={data} /> : <Empty icon="upload" title={t.uploads.none} />)
        : !trouble && <Skeleton lines={6} />}
    </>
  );
}

function OfAll() {
  const { t } = useHere();
  const { data, trouble, at } = useStores();
  const newest = [...(data ?? [])].sort((a, b) => (b.uploaded ?? 0) - (a.uploaded ?? 0));
  return (
    <>
      <p class="sub">{t.uploads.onlyManagers}</p>
      {trouble && trouble.kind !== "offline" && <TroubleNote trouble={trouble} at={at} partial={data !== undefined} />}
      {data ? (newest.length ? <Newest uploads={newest} /> : <Empty icon="upload" title={t.uploads.none} />)
        : !trouble && <Skeleton lines={8} />}
      {(data || trouble) && <p class="after"><Link to={to("store", { store: NOBODY, tab: "uploads" })}>{t.uploads.nobody}</Link></p>}
    </>
  );
}

function Newest({ uploads }: { uploads: readonly Upload[] }) {
  const { t, format, now, config } = useHere();
  const isStale = ({ uploaded }: Upload) => uploaded === undefined || now() - uploaded > config.hoursWithoutUpload * 3_600_000;
  return (
    <section class="card" aria-label={t.uploads.latest}>
      <header><h2>{t.uploads.latest}</h2></header>
      <ul class="newest">
        {uploads.map((upload) => (
          <li key={upload.store}>
            <Link to={to("store", { store: upload.store, tab: "uploads" })}>
              <OutcomeMark outcome={upload.outcome} />
              <span class="grow">
                <span class="name" dir="auto">{upload.store}</span>
                <span class="sub">
                  {upload.receipt && `${format.number(upload.receipt.read ?? 0)} ${t.receipt.read}, ${format.number(upload.receipt.written ?? 0)} ${t.receipt.written}`}
                </span>
              </span>
              {(upload.receipt?.rejected ?? 0) > 0 && (
                <span class="tag warn">{format.number(upload.receipt?.rejected ?? 0)} {t.receipt.rejected}</span>
              )}
              {isStale(upload) && <span class="tag warn"><Icon name="clock" />{t.store.stale}</span>}
              <span class="sub age">{upload.uploaded === undefined ? t.store.never : format.ago(upload.uploaded)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
