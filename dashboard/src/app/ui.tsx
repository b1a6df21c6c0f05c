import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Trouble } from "../cloud/trouble.ts";
import type { Copy } from "../copy/index.ts";
import type { Status } from "../data/columns.ts";
import { OUTCOMES, type Outcome } from "../data/uploads.ts";
import { useHere } from "./context.ts";
import { format, type Route } from "./url.ts";

const SHAPES = {
  out: "M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3zM5.5 5.5l5 5m0-5-5 5",
  low: "M8 1.8 15 14H1zM8 6.2v3.6m0 1.9v.3",
  ok: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M5 8.2l2.1 2.1L11 6",
  unreadable: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M6.2 6.2a1.8 1.8 0 1 1 2.6 1.7c-.5.3-.8.6-.8 1.2m0 2v.2",
  search: "M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2m3.7 8.7L14 14",
  close: "m4 4 8 8m0-8-8 8",
  upload: "M8 10.5V2.5m-3 3 3-3 3 3M2.5 10v2.5a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V10",
  download: "M8 2.5v8m-3-3 3 3 3-3M2.5 10v2.5a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V10",
  clock: "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M8 4.5V8l2.5 1.5",
  store: "M2.5 6.5v7h11v-7M1.5 6.5l1.2-4h10.6l1.2 4zM6.5 13.5v-4h3v4",
  overview: "M2 2h5v5H2zm7 0h5v5H9zM2 9h5v5H2zm7 0h5v5H9z",
  stock: "M2 3.5h12M2 8h12M2 12.5h12",
  person: "M8 2.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6M2.5 14c.5-3 2.6-4.4 5.5-4.4S13 11 13.5 14",
  columns: "M2 2.5h12v11H2zm4 0v11m4-11v11",
  lock: "M3.5 7h9v6.5h-9zM5.5 7V4.8a2.5 2.5 0 0 1 5 0V7",
  cloud: "M4.5 12.5a3 3 0 0 1-.3-6A4 4 0 0 1 12 6.8a2.9 2.9 0 0 1-.5 5.7zM2 2l12 12",
  down: "m4 6 4 4 4-4",
  sortUp: "M8 13V3M4.5 6.5 8 3l3.5 3.5",
  sortDown: "M8 3v10M4.5 9.5 8 13l3.5-3.5",
};
export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}

/** A status by shape, word and colour: no one of them alone. */
export function StatusMark({ status }: { status: Status }) {
  const { t } = useHere();
  return (
    <span class={`status ${status}`}>
      <Icon name={status} />
      <span>{t.status[status]}</span>
    </span>
  );
}

const TONES: Record<Outcome, string> = {
  applied: "good", unchanged: "plain", superseded: "plain", refused: "bad", failed: "bad", quarantined: "warn", "dry-run": "plain",
};

export function OutcomeMark({ outcome }: { outcome: string }) {
  const { t } = useHere();
  const known = OUTCOMES.find((one) => one === outcome);
  return <span class={`tag ${known ? TONES[known] : "plain"}`}>{known ? t.outcome[known] : outcome || "?"}</span>;
}

export function Link({ to, children, ...rest }: {
  to: Route;
  children: ComponentChildren;
  class?: string;
  title?: string;
  "aria-current"?: "page" | undefined;
}) {
  return <a href={format(to)} {...rest}>{children}</a>;
}

/** Grey bars where lines of text, rows or pairs of words will be, in their places. */
export function Skeleton({ lines, of = "" }: { lines: number; of?: "" | "rows" | "pairs" }) {
  const { t } = useHere();
  return (
    <div class={`skeletons ${of}`} role="status" aria-label={t.states.loading}>
      {Array.from({ length: lines }, (_, i) => <div key={i} class="skeleton" />)}
    </div>
  );
}

export function Empty({ icon, title, hint, children }: { icon: IconName; title: string; hint?: string; children?: ComponentChildren }) {
  return (
    <div class="empty" role="status">
      <Icon name={icon} />
      <p class="empty-title">{title}</p>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}

/** What is in the way, what that means for what is shown, and what to do. */
export function TroubleNote({ trouble, at, partial }: { trouble: Trouble; at?: number | undefined; partial?: boolean }) {
  const { t, format, warehouse } = useHere();
  const { title, hint, icon } = words(trouble, t);
  return (
    <div class={`note ${trouble.kind}`} role="alert">
      <Icon name={icon} />
      <div>
        <p><strong>{title}</strong> {hint}</p>
        {partial && <p>{t.states.partial}</p>}
        {trouble.kind === "denied" && trouble.resource && <p class="mono small">{trouble.resource}</p>}
        {at !== undefined && <p>{t.states.offlineAge(format.ago(at))}</p>}
      </div>
      {trouble.kind !== "expired" && (
        <button class="button" onClick={() => void warehouse.refresh()}>{t.states.retry}</button>
      )}
    </div>
  );
}

function words(trouble: Trouble, { states }: Copy): { title: string; hint: string; icon: IconName } {
  switch (trouble.kind) {
    case "denied": return { title: states.denied, hint: `${states.deniedHint(trouble.action)} ${states.deniedAsk}`, icon: "lock" };
    case "no-role": return { title: states.denied, hint: `${states.noRole} ${states.deniedAsk}`, icon: "lock" };
    case "throttled": return { title: states.throttled, hint: "", icon: "clock" };
    case "offline": return { title: states.offline, hint: "", icon: "cloud" };
    case "no-index": return { title: states.noIndex, hint: states.noIndexHint, icon: "low" };
    case "no-table": return { title: states.noTable, hint: states.noTableHint, icon: "low" };
    case "expired": return { title: states.expired, hint: states.expiredHint, icon: "lock" };
    case "clock": return { title: states.clockRefused, hint: "", icon: "clock" };
    case "other": return { title: states.other, hint: trouble.message, icon: "low" };
  }
}

/** The browser's own modal dialog: it keeps the focus, and gives it back. */
export function Dialog({ label, onClose, children, kind = "" }: { label: string; onClose(): void; children: ComponentChildren; kind?: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    // Only closing gives the focus back; an element taken away while it is open loses it.
    return () => opened?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${kind}`}
      aria-label={label}
      onClose={() => dialog.current && onClose()}
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
