import { before, t } from "/people/page.js";
import { say, send } from "/people/send.js";

// The secret stands behind the #: browsers send that to no server, so it is in no log.
const link = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
if (link) before.push(() => history.replaceState(null, "", `#${link}`));
const current = document.getElementById("current");
current.hidden = link !== "";
current.querySelector("input").required = link === "";

const form = document.getElementById("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { now, password, again } = form.elements;
  const content = { password: password.value, ...(link ? { link } : { current: now.value }) };
  if (password.value !== again.value) say(t("The two are not the same."));
  else if (await send(form, "PUT", "/api/v1/password", content)) location.replace(link ? "/sign-in" : "/account");
});
