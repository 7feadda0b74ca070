// The frame of a page: bar, one heading, what went wrong, and the notice below.

import type { ComponentChildren } from "preact";
import { t } from "../language/language";
import { signedOut } from "./api";
import { type PageName, TopBar } from "./TopBar";
import "./frame.css";

interface Props {
  page: PageName;
  /** The heading, for readers of the screen where `quiet`. */
  title: string;
  quiet?: boolean;
  /** What is open, in the bar. */
  whose?: ComponentChildren;
  /** Buttons of the page, in the bar. */
  acts?: ComponentChildren;
  /** What went wrong last; empty where nothing did. */
  trouble?: string;
  /** A column at the right, outside the main part. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Frame({ page, title, quiet, whose, acts, trouble, aside, children }: Props) {
  return (
    <div class={`desk${aside ? " two" : ""}`}>
      <TopBar page={page} acts={acts}>
        {whose}
      </TopBar>
      <main>
        <h1 class={quiet ? "hidden" : undefined} tabIndex={-1}>
          {title}
        </h1>
        {trouble && !signedOut.value && (
          <p class="trouble" role="alert">
            {trouble}
          </p>
        )}
        {children}
      </main>
      {aside}
      <footer>
        {t("Research software, not a medical device. Every draft is to be checked by a reader.")}
      </footer>
    </div>
  );
}
