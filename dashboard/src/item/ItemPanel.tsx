import { useEffect, useMemo, useRef } from "preact/hooks";
import { useHere, useItem } from "../app/context.ts";
import { Empty, Icon, Link, Skeleton, StatusMark, TroubleNote } from "../app/ui.tsx";
import { to } from "../app/url.ts";
import type { Columns, Level } from "../data/columns.ts";
import { scaled, textOf } from "../data/decimal.ts";
import { EVERYTHING, select } from "../data/select.ts";

/** One item across the stores, beside what was open. */
export function ItemPanel({ item }: { item: string }) {
  const { t, format, route, go } = useHere();
  const { data, loading, trouble, at } = useItem(item);
  const levels = useMemo(() => (data ? byStatus(data) : []), [data]);
  const name = levels.find((level) => level.name)?.name;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const back = document.activeElement as HTMLElement | null;
    heading.current?.focus();
    return () => back?.focus();
  }, []);
  const close = () => go({ ...route, item: "" });
  return (
    <aside class="panel" aria-labelledby="item-name">
      <header>
        <div class="grow">
          <h2 id="item-name" ref={heading} tabIndex={-1} dir="auto">{name ?? item}</h2>
          <p class="sub mono" dir="auto">{name ? item : "\u00a0"}</p>
        </div>
        <button class="button quiet" aria-label={t.item.close} onClick={close}><Icon name="close" /></button>
      </header>
      {trouble && <TroubleNote trouble={trouble} at={at} partial={levels.length > 0} />}
      {levels.length > 0 && (
        <div class="panel-total">
          <span class="sub">{t.item.total}</span>
          <strong>{format.number(sumOf(levels))}</strong>
          <span class="sub">{t.item.stocked(format.number(levels.length))}</span>
        </div>
      )}
      {levels.length > 0 ? (
        <>
          <h3>{t.item.across}</h3>
          <ul class="levels">{levels.map((level) => <InStore key={level.store} level={level} />)}</ul>
        </>
      ) : loading || !data ? !trouble && <Skeleton lines={6} of="rows" /> : <Empty icon="stock" title={t.item.nowhere} />}
    </aside>
  );
}

function InStore({ level }: { level: Level }) {
  const { t, format } = useHere();
  return (
    <li>
      <Link to={to("store", { store: level.store })}>
        <span class="grow">
          <span class="name" dir="auto">{level.store}</span>
          <span class="sub">
            {[
              level.reorderPoint !== undefined && t.item.reorderAt(format.number(level.reorderPoint)),
              level.changed !== undefined && t.item.changed(format.ago(level.changed)),
            ].filter(Boolean).join(" · ")}
          </span>
        </span>
        <span class="numeric big">{level.count === undefined ? "–" : format.number(level.count)}</span>
        <StatusMark status={level.status} />
      </Link>
    </li>
  );
}

function byStatus(rows: Columns): Level[] {
  return [...select(rows, { ...EVERYTHING, sort: { column: "count", descending: false } })].map((i) => rows.level(i));
}

/** The sum of what can be summed exactly. */
function sumOf(levels: readonly Level[]): string {
  const counts = levels.map(({ count }) => count ?? "0").filter((count) => Math.abs(scaled(count)) < Number.MAX_SAFE_INTEGER / levels.length);
  return textOf(counts.reduce((sum, count) => sum + scaled(count), 0));
}
