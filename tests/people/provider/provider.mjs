// A real OpenID provider on a port of this machine, with one client and as many people as anybody names.
// It prints its issuer when it listens, and stops when its input is closed.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [back] = process.argv.slice(2);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "ovcf", client_secret: "kept by both sides, 32 characters", redirect_uris: [back] }],
    claims: { openid: ["sub"], profile: ["preferred_username", "name", "groups"], email: ["email", "email_verified"] },
    pkce: { required: () => true },
    // Everybody is in the group that the first part of their name says.
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: `subject-${id}`, preferred_username: id, name: `Name of ${id}`, groups: [id.split("-")[0]],
        email: `${id}@example.org`, email_verified: false,
      }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
