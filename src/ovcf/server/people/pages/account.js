import { t } from "/people/page.js";
import { send } from "/people/send.js";

const answer = await fetch("/api/v1/session");
if (!answer.ok) location.replace("/sign-in");
const { code, role, all_sites } = await answer.json();
document.getElementById("who").textContent = code;
document.getElementById("role").textContent = t(all_sites ? "Signed in as {role}, for every site." : "Signed in as {role}.", { role: t(role) });

const form = document.getElementById("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await send(form, "DELETE", "/api/v1/session")) location.replace("/sign-in");
});
