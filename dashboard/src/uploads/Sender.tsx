import { useEffect, useRef, useState } from "preact/hooks";
import { useHere } from "../app/context.ts";
import { Icon, TroubleNote } from "../app/ui.tsx";
import type { Cloud, Mode } from "../cloud/cloud.ts";
import { type Trouble, troubleOf } from "../cloud/trouble.ts";
import { type Upload, uploadOf } from "../data/uploads.ts";
import { Receipt } from "./UploadList.tsx";

const LIMIT = 100 * 1024 * 1024;
/** A receipt is asked for after half a second, and then less and less often. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 4_000;
const PATIENCE = 90_000;
/** So many of the newest receipts are looked through for it. */
const NEWEST = 5;

type State =
  | { step: "choose"; complaint?: string }
  | { step: "sending"; file: File; mode: Mode }
  | { step: "waiting"; file: File; mode: Mode }
  | { step: "late" | "tried" | "done"; file: File; upload?: Upload }
  | { step: "trouble"; trouble: Trouble };

/** Try the file, see what it would change, upload it, see the receipt. */
export function Sender({ store }: { store: string }) {
  const { t, format, cloud, warehouse } = useHere();
  const [state, setState] = useState<State>({ step: "choose" });
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);

  const choose = (file: File | undefined) => {
    if (!file) return;
    if (file.size === 0) return setState({ step: "choose", complaint: t.uploads.empty });
    if (file.size > LIMIT) return setState({ step: "choose", complaint: t.uploads.large(`${format.number(LIMIT / 1024 / 1024)} MB`) });
    void send(file, "dry-run");
  };
  const send = async (file: File, mode: Mode) => {
    const { signal } = stop.current;
    setState({ step: "sending", file, mode });
    try {
      const version = await cloud.put(store, file.name, file, mode);
      setState({ step: "waiting", file, mode });
      const upload = await answerTo(cloud, store, version, signal);
      if (signal.aborted) return;
      if (mode !== "dry-run") void warehouse.poll();
      void warehouse.uploadsOf(store).ask();
      setState(upload ? { step: mode === "dry-run" ? "tried" : "done", file, upload } : { step: "late", file });
    } catch (error) {
      if (!signal.aborted) setState({ step: "trouble", trouble: troubleOf(error) });
    }
  };

  return (
    <section class="sender card" aria-label={t.uploads.title} aria-live="polite">
      {state.step === "choose" && <Drop complaint={state.complaint} onFile={choose} />}
      {(state.step === "sending" || state.step === "waiting") && (
        <div class="busy">
          <div class="spinner" />
          <p>{state.mode === "dry-run" ? t.uploads.checking : state.step === "sending" ? t.uploads.uploading : t.uploads.waiting}</p>
          <p class="sub">{t.uploads.confirmed(state.file.name, store)}</p>
        </div>
      )}
      {state.step === "tried" && state.upload && (
        <Tried upload={state.upload} file={state.file} store={store} onConfirm={(mode) => void send(state.file, mode)} onCancel={() => setState({ step: "choose" })} />
      )}
      {state.step === "done" && state.upload && (
        <>
          <h2><Icon name="ok" /> {t.uploads.done}</h2>
          <Receipt upload={state.upload} />
          <button class="button" onClick={() => setState({ step: "choose" })}>{t.uploads.another}</button>
        </>
      )}
      {state.step === "late" && (
        <>
          <p>{t.uploads.late}</p>
          <button class="button" onClick={() => setState({ step: "choose" })}>{t.uploads.another}</button>
        </>
      )}
      {state.step === "trouble" && (
        <>
          <TroubleNote trouble={state.trouble} />
          <button class="button" onClick={() => setState({ step: "choose" })}>{t.uploads.cancel}</button>
        </>
      )}
    </section>
  );
}

/** The receipt of an object's version, once it is there; nothing after a while. */
async function answerTo(cloud: Cloud, store: string, version: string, signal: AbortSignal): Promise<Upload | undefined> {
  const until = Date.now() + PATIENCE;
  for (let pause = FIRST_PAUSE; Date.now() < until && !signal.aborted; pause = Math.min(pause * 1.3, LONGEST_PAUSE)) {
    const newest = (await cloud.uploads(store, NEWEST)).map(uploadOf);
    const found = newest.find(({ objectVersion }) => objectVersion === version);
    if (found) return found;
    await new Promise((go) => setTimeout(go, pause));
  }
  return undefined;
}

function Drop({ complaint, onFile }: { complaint: string | undefined; onFile(file: File | undefined): void }) {
  const { t } = useHere();
  const [over, setOver] = useState(false);
  return (
    <div
      class={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFile(event.dataTransfer?.files[0]);
      }}
    >
      <Icon name="upload" />
      <p class="empty-title">{t.uploads.drop}</p>
      <p class="sub">{t.uploads.or}</p>
      <label class="button primary">
        {t.uploads.choose}
        <input class="sr" type="file" accept=".csv,.tsv,.tab,.txt,.jsonl,.ndjson,.xlsx,.edi,.gz,.zst" onChange={(event) => onFile(event.currentTarget.files?.[0])} />
      </label>
      <p class="sub">{t.uploads.needs}</p>
      {complaint && <p class="complaint" role="alert">{complaint}</p>}
    </div>
  );
}

/** What the dry run says: nothing of it is judged here. */
function Tried({ upload, file, store, onConfirm, onCancel }: {
  upload: Upload; file: File; store: string; onConfirm(mode: Mode): void; onCancel(): void;
}) {
  const { t, format } = useHere();
  const { preview } = upload;
  const isHeld = (upload.receipt?.held ?? 0) > 0;
  const isRefused = upload.outcome === "refused" || upload.outcome === "failed";
  const figures = preview && ([
    ["plain", preview.changes, t.uploads.changes],
    ["out", preview.soldOut, t.uploads.soldOut],
    ["low", preview.runningLow, t.uploads.runningLow],
    ["ok", preview.backInStock, t.uploads.backInStock],
  ] as const);
  return (
    <>
      <h2>{isRefused ? t.uploads.refused : isHeld ? t.uploads.held : t.uploads.wouldChange}</h2>
      <p class="sub">{t.uploads.confirmed(file.name, store)}</p>
      {figures && preview.changes > 0 && (
        <ul class="preview">
          {figures.map(([status, n, words]) => (
            <li key={status} class={status}><strong>{format.number(n)}</strong> {words(n, "").trim()}</li>
          ))}
        </ul>
      )}
      {preview?.changes === 0 && <p>{t.uploads.noChange}</p>}
      <Receipt upload={upload} />
      <div class="actions">
        {!isRefused && !isHeld && <button class="button primary" onClick={() => onConfirm("apply")}>{t.uploads.confirm}</button>}
        {isHeld && <button class="button" onClick={() => onConfirm("confirmed")}>{t.uploads.anyway}</button>}
        <button class="button" onClick={onCancel}>{t.uploads.cancel}</button>
      </div>
    </>
  );
}
