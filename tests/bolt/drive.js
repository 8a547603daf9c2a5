// Starts the fake and the Bolt app, acts as people do, and checks what they would see. Arguments: the fake_slack program.
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');

const patience_ms = 30_000; // only to fail instead of hanging: nothing here waits for a moment

const children = [];
function start(program, args, env) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines = readline.createInterface({ input: child.stdout });
  return { child, lines };
}

// The first line of a program's output that passes the test.
function line_of({ child, lines }, wanted) {
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => wanted(line) && resolve(line));
    child.on('error', (error) => reject(new Error(`${child.spawnfile} did not start: ${error.message}`)));
    child.on('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code} before it was ready`)));
  });
}

async function main() {
  const fake = start(process.argv[2], []);
  const ready = JSON.parse(await line_of(fake, (line) => line.startsWith('{')));
  const base = `http://127.0.0.1:${ready.port}`;

  const post = async (place, body) => (await fetch(base + place, { method: 'POST', body: JSON.stringify(body) })).json();
  const user = async (name, body) => {
    const answer = await post(`/user/${name}`, body);
    assert.equal(answer.ok, true, `${name}: ${JSON.stringify(answer)}`);
    return answer;
  };
  // What a person reads in a channel: through the Web API, as that person.
  const read = async (method, query) => {
    const url = `${ready.api_url}${method}?${new URLSearchParams(query)}`;
    const answer = await (await fetch(url, { headers: { authorization: `Bearer xoxp-${ready.people.ana}` } })).json();
    assert.equal(answer.ok, true, `${method}: ${JSON.stringify(answer)}`);
    return answer;
  };
  // Asks again until the answer passes; the app works on its own after its acknowledgement.
  const until = async (what, ask) => {
    const end = Date.now() + patience_ms;
    for (;;) {
      const found = await ask();
      if (found) return found;
      if (Date.now() > end) throw new Error(`${what} did not happen`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const app = start(process.execPath, [path.join(__dirname, 'app.js')], {
    SLACK_BOT_TOKEN: ready.bot_token, SLACK_APP_TOKEN: ready.app_token, SLACK_API_URL: ready.api_url,
  });
  await line_of(app, (line) => line === 'ready');

  const channel = ready.channels.help;
  const command = await user('command', { user: '@ana', channel: '#help', command: '/ticket', text: 'printer <on> fire' });
  assert.equal(command.outcome, 'acked');
  assert.equal(command.ephemeral.text, 'Noted: printer &lt;on&gt; fire');
  const card = await until('the card', async () =>
    (await read('conversations.history', { channel })).messages.find((m) => m.blocks?.[1]?.type === 'actions'));
  assert.equal(card.bot_id !== undefined, true);
  await until('the answer by response_url', async () =>
    (await user('ephemerals', { user: '@ana', channel: '#help' })).messages.find((m) => m.text === 'The ticket is in the channel.'));

  await user('react', { user: '@bo', channel: '#help', ts: card.ts, name: 'eyes' });
  const seen = await until('the answer to the reaction', async () =>
    (await read('conversations.replies', { channel, ts: card.ts })).messages[1]);
  assert.equal(seen.text, `Seen :eyes: by <@${ready.people.bo}>`);
  assert.equal(seen.thread_ts, card.ts);

  assert.equal((await user('click', { user: '@ana', channel: '#help', ts: card.ts, action_id: 'details' })).outcome, 'acked');
  await until('the modal', async () => (await user('view', { user: '@ana' })).view);
  const incomplete = await user('submit', { user: '@ana', values: { summary: 'hot' } });
  assert.deepEqual([incomplete.outcome, Object.keys(incomplete.errors)], ['refused_by_client', ['size']]);
  const refused = await user('submit', { user: '@ana', values: { size: 'large', summary: 'hot' } });
  assert.deepEqual([refused.outcome, refused.errors, refused.closed], ['acked', { summary: 'Say more.' }, false]);
  const saved = await user('submit', { user: '@ana', values: { summary: 'It really burns' } });
  assert.deepEqual([saved.outcome, saved.errors, saved.closed], ['acked', undefined, true]);
  await until('the change of the card', async () =>
    (await read('conversations.history', { channel })).messages.find((m) => m.ts === card.ts).text === 'large: It really burns');
  await until('the direct message', async () =>
    (await user('dms', { user: '@ana' })).messages.some((m) => m.text === 'Saved.'));

  const ping = await user('message', { user: '@ana', channel: '#help', text: 'ping' });
  await until('the answer to the message', async () =>
    (await read('conversations.replies', { channel, ts: ping.ts })).messages[1]?.text === 'pong');
  const mention = await user('message', { user: '@ana', channel: '#help', thread_ts: ping.ts, text: '@bot are you there?' });
  await until('the answer to the mention', async () =>
    (await read('conversations.replies', { channel, ts: ping.ts })).messages.some((m) => m.text === `You called, <@${ready.people.ana}>?`));
  await user('edit', { user: '@ana', channel: '#help', ts: mention.ts, text: 'never mind' });
  const says = (text) => async () => (await read('conversations.history', { channel })).messages.some((m) => m.text.endsWith(text));
  await until('the word about the edit', says('→ never mind'));
  await user('delete', { user: '@ana', channel: '#help', ts: mention.ts });
  await until('the word about the deletion', says(`Deleted: ${mention.ts}`));

  const home = async () => (await user('home', { user: '@ana' })).home;
  const title = async () => (await user('view', { user: '@ana' })).view?.title.text;
  await user('open_home', { user: '@ana' });
  await until('the Home tab', async () => (await home())?.private_metadata === 'first');
  await user('open_home', { user: '@ana' });
  await until('the Home tab that knows its last view', async () => (await home()).private_metadata === 'again');
  await user('click', { user: '@ana', action_id: 'open', home: true });
  await until('the first modal', async () => (await title()) === 'First');
  await user('click', { user: '@ana', action_id: 'push' });
  await until('the modal on top', async () => (await title()) === 'Second');
  await user('click', { user: '@ana', action_id: 'update' });
  await until('the changed modal', async () => (await title()) === 'Changed');
  await user('close_view', { user: '@ana' });
  assert.equal(await title(), 'First');

  await post('/control/group', { group: 'leads', users: ['@lea', '@bo'] });
  await until('the word to a new lead', async () =>
    (await user('dms', { user: '@bo' })).messages.some((m) => m.text.startsWith('Welcome to S')));

  // Bolt leaves first and comes back after five seconds of its own: a client of this kind must be served again.
  await post('/control/disconnect', { reason: 'refresh_requested' });
  await until('the new connection', async () => {
    const opened = (await post('/control/journal', {})).calls.filter((call) => call.method === 'apps.connections.open');
    return opened.length === 2 && (await post('/control/connections', {})).open === 1;
  });
  await user('react', { user: '@lea', channel: '#help', ts: card.ts, name: 'fire' });
  await until('the answer to the reaction after a refresh', async () =>
    (await read('conversations.replies', { channel, ts: card.ts })).messages.some((m) => m.text.startsWith('Seen :fire:')));

  const { violations } = await post('/control/violations', {});
  assert.deepEqual(violations, []);
}

const watchdog = setTimeout(() => {
  console.error('bolt: it took too long');
  finish(1);
}, 4 * patience_ms);

function finish(code) {
  clearTimeout(watchdog);
  for (const child of children) {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
  process.exit(code);
}

main().then(() => { console.log('bolt: Bolt for JavaScript works against the fake'); finish(0); },
  (error) => { console.error(`bolt: ${error.stack}`); finish(1); });
