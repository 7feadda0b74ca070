import { say, send } from "/people/send.js";

// The secret stands behind the #: browsers send that to no server, so it is in no log.
const link = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
if (link === "") say("Open the whole link that you were given.");

const form = document.getElementById("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { password, again } = form.elements;
  if (password.value !== again.value) say("The two are not the same.");
  else if (await send(form, "PUT", "/api/v1/password", { link, password: password.value })) location.replace("/sign-in");
});
