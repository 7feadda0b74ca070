// The bar above every page: the pages one may open, what the page itself adds, who is signed in, light or dark.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { said, t } from "../language/language";
import { LanguageSwitch } from "../language/Switch";
import { theme, turnTheme } from "../theme";
import { Expired } from "./Expired";
import { me, signOut, whoAmI } from "./me";
import "./bar.css";

/** Every page of the registry, in the order of the bar. The server says which of them are open to whom. */
const PAGES = {
  worklist: { words: t("Worklist"), at: "/" },
  patients: { words: t("Patients"), at: "/patients/" },
  studies: { words: t("Studies"), at: "/studies/" },
  cohort: { words: t("Cohort"), at: "/cohort/" },
  calculator: { words: t("Calculator"), at: "/calculator/" },
  admin: { words: t("Admin"), at: "/admin/" },
} as const;

export type PageName = keyof typeof PAGES;

interface Props {
  /** The page that is open. */
  page: PageName;
  /** What is open on it: a patient, a study. */
  children?: ComponentChildren;
  /** Buttons of the page, before who is signed in. */
  acts?: ComponentChildren;
  /** Where nobody is asked to sign in: the bar asks for nothing. */
  open?: boolean;
}

export function TopBar({ page, children, acts, open }: Props) {
  useEffect(() => {
    if (!open) void whoAmI();
  }, [open]);
  return (
    <div class="above">
      <header class="topbar">
        <span class="word">ovcf</span>
        <Pages page={page} />
        {children && <span class="whose">{children}</span>}
        <span class="acts">
          {acts}
          <LanguageSwitch />
          <Theme />
          <Account />
        </span>
      </header>
      <Expired />
    </div>
  );
}

export function Pages({ page }: { page: PageName | null }) {
  const open: string[] = me.value?.pages ?? ["worklist", "calculator"];
  return (
    <nav aria-label={t("Pages")}>
      {Object.entries(PAGES)
        .filter(([name]) => open.includes(name) || name === page)
        .map(([name, { words, at }]) => (
          <a key={name} href={at} aria-current={name === page ? "page" : undefined}>
            {words}
          </a>
        ))}
    </nav>
  );
}

export function Theme() {
  return (
    <button type="button" onClick={turnTheme}>
      {theme.value === "dark" ? t("Light") : t("Dark")}
    </button>
  );
}

/** Who is signed in; with accounts, the way to the account and out. */
export function Account({ pages }: { pages?: boolean }) {
  const one = me.value;
  if (!one) return null;
  if (!one.accounts && !pages) return <span class="person">{one.name || one.code}</span>;
  return (
    <details class="account" onFocusOut={(event) => shut(event)} onKeyDown={(event) => leave(event)}>
      <summary>{one.name || one.code}</summary>
      <div>
        <small>{said(one.role)}</small>
        {pages && <Pages page={null} />}
        {one.accounts && (
          <>
            <a href="/account">{t("Your account")}</a>
            <button type="button" onClick={() => void signOut()}>
              {t("Sign out")}
            </button>
          </>
        )}
      </div>
    </details>
  );
}

function shut(event: FocusEvent & { currentTarget: HTMLDetailsElement }): void {
  if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget as Node))
    event.currentTarget.open = false;
}

/** Escape closes it, and the keyboard is back on what opened it. */
function leave(event: KeyboardEvent & { currentTarget: HTMLDetailsElement }): void {
  if (event.key !== "Escape" || !event.currentTarget.open) return;
  event.currentTarget.open = false;
  event.currentTarget.querySelector("summary")?.focus();
  event.stopPropagation();
}
