// The peer: Bolt for JavaScript with one row per event, committed before the listener ends. It does its duty honestly: WAL,
// synchronous=FULL, a prepared statement, no sleep. For slash commands the row is committed before the ack; for events Bolt
// itself acks first, which the comparison has to say.
"use strict";
const { App, LogLevel } = require("@slack/bolt");
const Database = require("better-sqlite3");

const [apiUrl, file] = process.argv.slice(2);
const database = new Database(file);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
database.exec("CREATE TABLE IF NOT EXISTS escalation (id INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, person TEXT, at TEXT)");
const insert = database.prepare("INSERT OR IGNORE INTO escalation (source, person, at) VALUES (?, ?, ?)");

const app = new App({
  token: "xoxb-load",
  appToken: "xapp-load",
  socketMode: true,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: apiUrl },
});
app.event("reaction_added", async ({ event }) => {
  insert.run(`${event.item.channel}:${event.item.ts}`, event.user, event.event_ts);
});
app.command("/escalate", async ({ command, ack }) => {
  insert.run(command.trigger_id, command.user_id, command.text);
  await ack("opened");
});
app.start().then(() => console.log("ready"));
