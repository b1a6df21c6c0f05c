import type { Column } from "./data/select.ts";

/** How somebody likes to see it; kept in this browser. What is looked at is in the address. */
export type Preferences = {
  theme: "system" | "light" | "dark";
  density: "comfortable" | "compact";
  language: Language;
  /** A zone's name, or nothing for this machine's. */
  zone: string;
  hidden: Column[];
  /** Single keys that do something, which some people press by mistake. */
  shortcuts: boolean;
};

export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français", es: "Español", ja: "日本語", ar: "العربية" };
export type Language = keyof typeof LANGUAGES;

const KEY = "preferences";

export function read(storage: Pick<Storage, "getItem">, languages: readonly string[]): Preferences {
  const preferred = languages.map((tag) => tag.split("-")[0]).find((tag) => tag !== undefined && tag in LANGUAGES);
  const defaults: Preferences = {
    theme: "system",
    density: "comfortable",
    language: (preferred as Language | undefined) ?? "en",
    zone: "",
    hidden: [],
    shortcuts: true,
  };
  try {
    const kept = { ...defaults, ...(JSON.parse(storage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
    return kept.language in LANGUAGES ? kept : { ...kept, language: defaults.language };
  } catch {
    return defaults;
  }
}

export function write(storage: Pick<Storage, "setItem">, preferences: Preferences): void {
  storage.setItem(KEY, JSON.stringify(preferences));
}

/** Puts what concerns the whole page onto its root. */
export function apply(root: HTMLElement, { theme, density, language }: Preferences): void {
  root.lang = language;
  root.dir = language === "ar" ? "rtl" : "ltr";
  root.dataset["theme"] = theme;
  root.dataset["density"] = density;
}
