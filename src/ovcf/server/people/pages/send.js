// Sends a form as JSON; says below the heading what is wrong, and lets it be tried again.
// Gives the answer, or false.
import { t } from "/people/page.js";

const problem = document.getElementById("problem");

export function say(text) {
  problem.textContent = text;
  problem.hidden = text === "";
}

export async function send(form, method, path, content) {
  const button = form.querySelector("button");
  button.disabled = true;
  say("");
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method, headers, body: content && JSON.stringify(content) });
    if (answer.ok) return answer;
    const { where, problem: what, remedy } = await answer.json();
    say(t("{where} {what}. {remedy}", { where: `${where[0].toUpperCase()}${where.slice(1)}`, what, remedy }));
  } catch {
    say(t("The service cannot be reached. Check the network, then try again."));
  } finally {
    button.disabled = false;
  }
  return false;
}
