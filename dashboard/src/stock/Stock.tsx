import { useMemo } from "preact/hooks";
import { useAlerts, useHere, useStock, useStores } from "../app/context.ts";
import { Empty, Skeleton, TroubleNote } from "../app/ui.tsx";
import type { Columns } from "../data/columns.ts";
import { type Column, COLUMNS, EVERYTHING, type Selection, select } from "../data/select.ts";
import type { Answer } from "../data/warehouse.ts";
import { Grid } from "./Grid.tsx";
import { Tokens, Toolbar } from "./Toolbar.tsx";

/** All rows of all stores, or those of the index where nobody asks for more. */
export function Stock() {
  const { t, route, warehouse, session } = useHere();
  const { selection } = route;
  const isIndex = session.store === undefined && selection.statuses.length > 0 && !selection.statuses.includes("ok") && !selection.statuses.includes("unreadable");
  const known = useStores();
  const alerts = useAlerts();
  const stores = useMemo(() => warehouse.storeNames(), [known.data, alerts.data]);
  const isKnown = known.data !== undefined || known.trouble !== undefined;
  const wanted = isIndex || !isKnown ? [] : selection.stores.length ? selection.stores : stores;
  const whole = useStock(wanted);
  const answer: Answer<Columns> = isIndex ? alerts : whole;
  return (
    <div class="stock">
      <h1 tabIndex={-1}>{t.nav.stock}</h1>
      {known.trouble && !answer.trouble && known.trouble.kind !== "offline" && <TroubleNote trouble={known.trouble} at={known.at} />}
      <Rows
        label={t.stock.grid} answer={answer} stores={session.store === undefined ? stores : undefined} isKnown={isIndex || (isKnown && wanted.length === 0)}
        note={isIndex ? t.stock.indexOnly : undefined} missing={isIndex ? 0 : whole.missing}
        columns={COLUMNS}
      />
    </div>
  );
}

/** Rows with all that one can do with them; also of one store. */
export function Rows({ label, answer, stores, columns: offered, missing = 0, note, isKnown }: {
  label: string;
  answer: Answer<Columns>;
  /** Those that can be chosen; nothing where there is no choice. */
  stores?: readonly string[] | undefined;
  columns: readonly Column[];
  missing?: number;
  note?: string | undefined;
  /** Whether no rows would mean that there are none. */
  isKnown: boolean;
}) {
  const { t, format, route, go, preferences } = useHere();
  const { selection } = route;
  const { data: rows, loading, trouble, at } = answer;
  const order = useMemo(() => rows && timed(() => select(rows, selection)), [rows, JSON.stringify(selection)]);
  const columns = useMemo(() => offered.filter((column) => !preferences.hidden.includes(column)), [offered, preferences.hidden]);
  const onSelect = (selection: Selection) => go({ ...route, selection }, true);
  const onSort = (column: Column) => {
    const { sort } = selection;
    onSelect({ ...selection, sort: { column, descending: sort.column === column && !sort.descending } });
  };
  return (
    <>
      {trouble && trouble.kind !== "offline" && <TroubleNote trouble={trouble} at={at} partial={rows !== undefined} />}
      <Toolbar selection={selection} onSelect={onSelect} stores={stores} rows={rows} order={order} columns={columns} />
      <div class="summary">
        <span role="status">
          {rows && order && (order.length === rows.length
            ? t.stock.rows(rows.length, format.number(rows.length))
            : t.stock.rowsOf(format.number(order.length), format.number(rows.length)))}
          {missing > 0 && loading && ` · ${t.stock.loadingStores(format.number(missing))}`}
          {rows && note && <span class="sub"> · {note}</span>}
        </span>
        <Tokens selection={selection} onSelect={onSelect} />
      </div>
      {!rows && !isKnown && !trouble ? <Skeleton lines={14} />
        : rows && order?.length ? <Grid label={label} rows={rows} order={order} columns={columns} sort={selection.sort} onSort={onSort} />
        : rows?.length ? (
          <Empty icon="search" title={t.stock.noMatch} hint={t.stock.noMatchHint}>
            <button class="button" onClick={() => onSelect({ ...EVERYTHING, sort: selection.sort })}>{t.stock.clear}</button>
          </Empty>
        ) : trouble ? null : loading ? <Skeleton lines={14} />
        : <Empty icon="stock" title={t.stock.empty} hint={t.stock.emptyHint} />}
    </>
  );
}

/** Leaves the time it took with the browser's own measurements. */
function timed<T>(work: () => T): T {
  const start = performance.now();
  const result = work();
  performance.measure("select", { start });
  return result;
}
