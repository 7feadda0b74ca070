import { day, t } from "/people/page.js";
import { say, send } from "/people/send.js";

const MAY = { images: "opens images", read: "reads", write: "reads and writes" };
const find = (id) => document.getElementById(id);
const form = find("form");

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function line(token) {
  const item = document.createElement("li");
  const told = document.createElement("div");
  const used = token.seen_at ? t("last used {day}", { day: day(token.seen_at) }) : t("not used yet");
  const until = token.ended ? t("ended: {why}", { why: t(token.ended) }) : t("until {day}", { day: day(token.expires_at) });
  told.append(element("strong", token.name), element("span", `${t(MAY[token.scope])} · ${until} · ${used}`, "about"));
  item.append(told);
  if (token.ended) item.className = "ended";
  else {
    const button = element("button", t("Revoke"), "small");
    button.type = "button";
    button.ariaLabel = t("Revoke {name}", { name: token.name });
    button.addEventListener("click", async () => {
      button.disabled = true;
      const answer = await fetch(`/api/v1/tokens/${token.id}`, { method: "DELETE" });
      if (!answer.ok) say(t("It could not be revoked. Load the page again."));
      await show();
    });
    item.append(button);
  }
  return item;
}

async function show() {
  const answer = await fetch("/api/v1/tokens");
  if (answer.status === 401) {
    form.hidden = true;
    say(t("You are not signed in. Go back to the registry."));
    return;
  }
  const { tokens, password } = await answer.json();
  find("password").hidden = !password;
  form.elements.password.required = password;
  find("have").hidden = tokens.length === 0;
  find("list").replaceChildren(...tokens.map(line));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, scope, days, password } = form.elements;
  const asked = { name: name.value, scope: scope.value, days: Number(days.value), password: password.value };
  const made = await send(form, "POST", "/api/v1/tokens", asked);
  if (!made) return;
  const { token } = await made.json();
  form.reset();
  find("text").value = token;
  find("made").hidden = false;
  find("text").select();
  await show();
});
find("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(find("text").value);
  find("copy").textContent = t("Copied");
});
await show();
