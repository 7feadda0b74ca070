import { t } from "/people/page.js";
import { say, send } from "/people/send.js";

// Back to the page one came from, if it is one of ours.
const to = new URLSearchParams(location.search).get("to") ?? "/";
const back = /^\/(?![/\\])/.test(to) ? to : "/";

const form = document.getElementById("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { code, password } = form.elements;
  if (await send(form, "POST", "/api/v1/session", { code: code.value, password: password.value })) location.replace(back);
  else password.select();
});

const { provider } = await (await fetch("/sign-in/ways")).json();
if (provider) {
  const link = document.getElementById("provider");
  link.textContent = t("Sign in with {provider}", { provider });
  link.hidden = false;
}
if (location.hash === "#provider")
  say(t("That account is not known here, or the sign-in took too long. Ask an administrator."));
