import type { Language } from "../preferences.ts";
import { type Copy, en } from "./en.ts";

export type { Copy };

/** Each language is a file of its own, loaded when it is chosen; English is always there. */
export async function copyIn(language: Language): Promise<Copy> {
  switch (language) {
    case "en": return en;
    case "de": return (await import("./de.ts")).de;
    case "fr": return (await import("./fr.ts")).fr;
    case "es": return (await import("./es.ts")).es;
    case "ja": return (await import("./ja.ts")).ja;
    case "ar": return (await import("./ar.ts")).ar;
  }
}
