// A mail server for the server's tests, on a free port of this machine. It asks for a password (us, s3cret) and prints its port, then each mail that
// it has taken as a line of JSON. To refused@… it says no for good, to later@… at the first try no for now. A certificate of its own making stands
// behind STARTTLS: nobody should trust it.
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

const put_off = new Set();

function refusal(code, text) {
  return Object.assign(new Error(text), { responseCode: code });
}

const server = new SMTPServer({
  logger: false,
  disableReverseLookup: true,
  allowInsecureAuth: true,
  onAuth({ username, password }, session, done) {
    if (username === "us" && password === "s3cret") done(null, { user: username });
    else done(refusal(535, "wrong password"));
  },
  onRcptTo({ address }, session, done) {
    if (address.startsWith("refused@")) return done(refusal(550, `no ${address} here`));
    if (address.startsWith("later@") && !put_off.has(address)) {
      put_off.add(address);
      return done(refusal(451, `come back with ${address}`));
    }
    done();
  },
  onData(stream, session, done) {
    simpleParser(stream).then((mail) => {
      const { mailFrom, rcptTo } = session.envelope;
      const headers = Object.fromEntries(mail.headerLines.map(({ key, line }) => [key, line.slice(line.indexOf(":") + 1).replace(/\r?\n[ \t]/g, " ").trim()]));
      const { subject, text } = mail;
      console.log(JSON.stringify({ sender: mailFrom.address, to: rcptTo.map(({ address }) => address), from: mail.from.text, subject, text, headers }));
      done();
    }, done);
  },
});
server.on("error", () => {});
const listening = server.listen(0, "127.0.0.1", () => console.log(listening.address().port));
