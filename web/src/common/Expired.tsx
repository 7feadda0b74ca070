// Shown above a page once nobody is signed in any more: what is safe, and the one next step.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../language/language";
import { signedOut } from "./api";

const accounts = signal<boolean | null>(null);

export function Expired() {
  const problem = signedOut.value;
  useEffect(() => {
    // Only a service with accounts has this page; on a machine of one's own the problem itself says what to do.
    if (problem && accounts.value === null)
      void fetch("/sign-in/ways").then(
        (answer) => {
          accounts.value = answer.ok;
        },
        () => {},
      );
  }, [problem]);
  if (!problem) return null;
  const back = encodeURIComponent(location.pathname + location.search);
  return (
    <p class="expired" role="alert">
      {accounts.value ? (
        <>
          {t("You are no longer signed in. What was saved is safe.")}{" "}
          <a href={`/sign-in?to=${back}`}>{t("Sign in and come back here")}</a>
        </>
      ) : (
        t("This page is no longer open in this browser. {remedy}", { remedy: problem.remedy })
      )}
    </p>
  );
}
