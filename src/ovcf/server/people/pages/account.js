import { send } from "/people/send.js";

const answer = await fetch("/api/v1/session");
if (!answer.ok) location.replace("/sign-in");
const { code, role, all_sites } = await answer.json();
document.getElementById("who").textContent = code;
document.getElementById("role").textContent = `Signed in as ${role}${all_sites ? ", for every site" : ""}.`;

const form = document.getElementById("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await send(form, "DELETE", "/api/v1/session")) location.replace("/sign-in");
});
