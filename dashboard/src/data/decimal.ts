/**
 * Counts are exact decimals with up to five fraction digits. As a number they are scaled by
 * 100,000, which is exact up to 90 thousand million; beyond that the text is kept beside it.
 */
export const SCALE = 100_000;
const DIGITS = 5;
const PLAIN = /^([+-]?)(\d{1,10})(?:\.(\d{1,5}))?$/;
const ANY = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** The text times 100,000; NaN for what is no number. */
export function scaled(text: string): number {
  const plain = PLAIN.exec(text);
  if (!plain) return ANY.test(text) ? Number(text) * SCALE : NaN;
  const [, sign, whole, fraction = ""] = plain;
  const value = Number(whole) * SCALE + Number(fraction.padEnd(DIGITS, "0"));
  return sign === "-" && value !== 0 ? -value : value;
}

/** Whether {@link scaled} says all that the text says. */
export function isExact(text: string): boolean {
  return PLAIN.test(text);
}

/** The shortest text of a scaled number that is exact. */
export function textOf(value: number): string {
  const digits = Math.abs(value).toFixed(0).padStart(DIGITS + 1, "0");
  const fraction = digits.slice(-DIGITS).replace(/0+$/, "");
  return (value < 0 ? "-" : "") + digits.slice(0, -DIGITS) + (fraction && `.${fraction}`);
}

/** Below, equal or above 0 as the first number is less than, equal to or more than the second. */
export function compare(a: string, b: string): number {
  if (isExact(a) && isExact(b)) return scaled(a) - scaled(b);
  const [first, second] = [parts(a), parts(b)];
  const exponent = Math.min(first.exponent, second.exponent);
  const difference = shifted(first, exponent) - shifted(second, exponent);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function parts(text: string) {
  const [, sign = "", whole = "0", fraction = "", exponent = "0"] = ANY.exec(text) ?? [];
  const digits = BigInt(whole + fraction);
  return { digits: sign === "-" ? -digits : digits, exponent: Number(exponent) - fraction.length };
}

function shifted(number: ReturnType<typeof parts>, exponent: number): bigint {
  return number.digits * 10n ** BigInt(number.exponent - exponent);
}
