import type { Cost, Meter } from "../cloud/cloud.ts";
import { useEffect, useReducer } from "preact/hooks";
import { type Language, LANGUAGES, type Preferences } from "../preferences.ts";
import { useHere } from "./context.ts";
import { Dialog, Icon } from "./ui.tsx";

export function PreferencesDialog({ onClose }: { onClose(): void }) {
  const { t, preferences, prefer } = useHere();
  return (
    <Dialog label={t.nav.preferences} onClose={onClose}>
      <h2>{t.nav.preferences}</h2>
      <form method="dialog" class="fields">
        <Choice
          label={t.preferences.theme} value={preferences.theme} options={Object.entries(t.preferences.themes)}
          onChange={(theme) => prefer({ theme: theme as Preferences["theme"] })}
        />
        <Choice
          label={t.preferences.density} value={preferences.density} options={Object.entries(t.preferences.densities)}
          onChange={(density) => prefer({ density: density as Preferences["density"] })}
        />
        <Choice
          label={t.preferences.language} value={preferences.language} options={Object.entries(LANGUAGES)}
          onChange={(language) => prefer({ language: language as Language })}
        />
        <Choice
          label={t.preferences.zone} value={preferences.zone}
          options={[["", t.preferences.thisDevice], ["UTC", "UTC"], ...Intl.supportedValuesOf("timeZone").map((zone): [string, string] => [zone, zone])]}
          onChange={(zone) => prefer({ zone })}
        />
        <label class="check">
          <input type="checkbox" checked={preferences.shortcuts} onChange={(event) => prefer({ shortcuts: event.currentTarget.checked })} />
          {t.preferences.shortcuts}
        </label>
        <button class="button primary">{t.preferences.close}</button>
      </form>
    </Dialog>
  );
}

function Choice({ label, value, options, onChange }: {
  label: string;
  value: string;
  options: [string, string][];
  onChange(value: string): void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
      </select>
    </label>
  );
}

export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  const { t } = useHere();
  const keys: [string[], string][] = [
    [["/"], t.shortcuts.search],
    [["Ctrl", "K"], t.shortcuts.palette],
    [["?"], t.shortcuts.help],
    [["G", "O"], t.shortcuts.overview],
    [["G", "S"], t.shortcuts.stock],
    [["G", "U"], t.shortcuts.uploads],
    [["↑", "↓", "←", "→"], t.shortcuts.move],
    [["Enter"], t.shortcuts.open],
    [["Enter"], t.shortcuts.sort],
    [["Esc"], t.shortcuts.close],
    [["~"], t.shortcuts.units],
  ];
  return (
    <Dialog label={t.shortcuts.title} onClose={onClose}>
      <h2>{t.shortcuts.title}</h2>
      <dl class="keys">
        {keys.map(([caps, what]) => (
          <div key={what}><dt>{caps.map((cap) => <kbd key={cap}>{cap}</kbd>)}</dt><dd>{what}</dd></div>
        ))}
      </dl>
      <form method="dialog"><button class="button primary">{t.preferences.close}</button></form>
    </Dialog>
  );
}

/** For who builds and pays for it: what the page read, by question. */
export function Units({ meter, onClose }: { meter: Meter; onClose(): void }) {
  const { t, format } = useHere();
  const [, again] = useReducer((times: number) => times + 1, 0);
  useEffect(() => meter.subscribe(() => again(undefined as never)), [meter]);
  const { costs } = meter;
  const sum = (of: readonly Cost[], what: "units" | "rows" | "milliseconds") => of.reduce((sum, cost) => sum + cost[what], 0);
  const questions = [...new Set(costs.map(({ question }) => question))];
  const line = (name: string, of: readonly Cost[]) => (
    <tr key={name}>
      <th scope="row">{name}</th>
      <td>{format.number(of.length)}</td>
      <td>{format.number(sum(of, "units"))}</td>
      <td>{format.number(sum(of, "rows"))}</td>
      <td>{format.number(Math.round(sum(of, "milliseconds") / (of.length || 1)))}</td>
    </tr>
  );
  return (
    <aside class="units" aria-label={t.units.title}>
      <header><h2>{t.units.title}</h2><button class="button quiet" aria-label={t.units.close} onClick={onClose}><Icon name="close" /></button></header>
      <table>
        <thead>
          <tr>{[t.units.question, t.units.requests, t.units.units, t.units.rows, t.units.milliseconds].map((word) => <th key={word} scope="col">{word}</th>)}</tr>
        </thead>
        <tbody>{questions.map((question) => line(question, costs.filter((cost) => cost.question === question)))}</tbody>
        <tfoot>{line("Σ", costs)}</tfoot>
      </table>
    </aside>
  );
}
