// Numbers, answers and units of a score as they are printed.

import { said as spoken, t } from "../language/language";
import type { Input, Quantity } from "./declared";

export function quantityAs(quantity: Quantity, value: number | null, unknown: string): string {
  if (value === null) return unknown;
  const x = value + 0; // no minus before 0
  const text = quantity.decimals === null ? general(x, 12) : fixed(x, quantity.decimals);
  return quantity.signed && x >= 0 ? `+${text}` : text;
}

export function shownAs(input: Input, x: number | null, unknown: string): string {
  if (x === null) return unknown;
  if (input.kind === "numbers") return t("{x} numbers", { x });
  if (input.kind === "flag") return t(x ? "yes" : "no");
  if (input.words.length) return spoken(input.words[x] ?? unknown);
  return input.decimals === null ? general(x, 12) : fixed(x, input.decimals);
}

/** Rounded as Python rounds: a number exactly between goes to the even digit. */
export function fixed(x: number, digits: number): string {
  const text = x.toFixed(digits);
  // toFixed takes the exact binary value, as Python does; only an exact tie differs.
  const tie = Math.abs(x) * 10 ** digits;
  if (tie % 1 === 0.5 && Math.floor(tie) % 2 === 0)
    return (Math.sign(x) * (Math.floor(tie) / 10 ** digits)).toFixed(digits);
  return text;
}

/** As few digits as it has, at most so many; very small and very large numbers as Python's `g` writes them. */
export function general(x: number, digits: number): string {
  const rounded = Number(x.toPrecision(digits));
  const [mantissa = "", exponent = ""] = rounded.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < digits) return String(rounded);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** By UCUM code, with the space that belongs before it. */
const SYMBOLS: Record<string, string> = {
  mm: " mm",
  "{pixel}": " px",
  deg: "°",
  "%": "%",
  "{SD}": " SD",
  "{points}": t(" points"),
};

export function symbol(unit: string | null): string {
  return unit === null ? "" : (SYMBOLS[unit] ?? "");
}

/** A sentence with its places filled. */
export function filled(text: string, shown: Map<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => shown.get(name) ?? "");
}
