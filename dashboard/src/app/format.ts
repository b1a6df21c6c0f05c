import type { Language } from "../preferences.ts";

/** How numbers, ages and times are written in a language and a time zone. */
export type Format = {
  /** An exact decimal, digit for digit. */
  number(value: string | number): string;
  /** How long ago a time was. */
  ago(time: number): string;
  /** A length of time of a minute or more, rounded, without a direction. */
  span(milliseconds: number): string;
  /** The time itself. */
  when(time: number): string;
};

const MINUTE = 60_000;
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", MINUTE],
  ["second", 1_000],
] as const;

export function formatOf(language: Language, zone: string, now: () => number, locales: readonly string[] = []): Format {
  // English as it is written where somebody lives, if the browser says where.
  const locale = locales.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const options: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short", ...(zone ? { timeZone: zone } : {}) };
  const times = new Intl.DateTimeFormat(locale, options);
  return {
    // Some languages write a hyphen for it, which is half as wide as a digit.
    number: (value) => numbers.format(value as number).replace("-", "\u2212"),
    ago(time) {
      const [unit, amount] = largest(now() - time);
      return unit === "second" ? relative.format(0, "minute") : relative.format(-Math.trunc(amount), unit);
    },
    span(milliseconds) {
      const [unit, amount] = largest(Math.round(milliseconds / MINUTE) * MINUTE);
      return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(Math.round(Math.abs(amount)));
    },
    when: (time) => times.format(time),
  };
}

function largest(milliseconds: number): [Intl.RelativeTimeFormatUnit & string, number] {
  for (const [unit, length] of UNITS) {
    if (Math.abs(milliseconds) >= length) return [unit, milliseconds / length];
  }
  return ["second", 0];
}
