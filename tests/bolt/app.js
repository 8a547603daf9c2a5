// A small Bolt app, as anybody would write one: a command, a reaction, a button, a modal that refuses once, messages with their
// edits, a mention, a Home tab, views on top of each other.
// Bolt itself is unchanged; only the address of the API comes from the environment.
const { App } = require('@slack/bolt');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.command('/ticket', async ({ command, ack, respond, client }) => {
  await ack(`Noted: ${command.text}`);
  await client.chat.postMessage({
    channel: command.channel_id,
    text: `Ticket of <@${command.user_id}>: ${command.text}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*Ticket*: ${command.text}` } },
      { type: 'actions', elements: [{ type: 'button', action_id: 'details', text: { type: 'plain_text', text: 'Details' }, value: '1' }] },
    ],
    metadata: { event_type: 'ticket', event_payload: { number: 1 } },
  });
  await respond({ text: 'The ticket is in the channel.' });
});

app.event('reaction_added', async ({ event, client }) => {
  await client.chat.postMessage({
    channel: event.item.channel,
    thread_ts: event.item.ts,
    text: `Seen :${event.reaction}: by <@${event.user}>`,
  });
});

app.action('details', async ({ body, ack, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: 'modal',
      callback_id: 'details_form',
      private_metadata: JSON.stringify({ channel: body.channel.id, ts: body.message.ts }),
      title: { type: 'plain_text', text: 'Details' },
      submit: { type: 'plain_text', text: 'Save' },
      blocks: [
        {
          type: 'input', block_id: 'size', label: { type: 'plain_text', text: 'Size' },
          element: {
            type: 'static_select', action_id: 'pick',
            options: ['small', 'large'].map((value) => ({ text: { type: 'plain_text', text: value }, value })),
          },
        },
        {
          type: 'input', block_id: 'summary', label: { type: 'plain_text', text: 'Summary' },
          element: { type: 'plain_text_input', action_id: 'text', max_length: 80 },
        },
      ],
    },
  });
});

app.view('details_form', async ({ ack, view, body, client }) => {
  const { values } = view.state;
  const summary = values.summary.text.value;
  if (summary.length < 5) {
    await ack({ response_action: 'errors', errors: { summary: 'Say more.' } });
    return;
  }
  await ack();
  const { channel, ts } = JSON.parse(view.private_metadata);
  await client.chat.update({ channel, ts, parse: 'none', text: `${values.size.pick.selected_option.value}: ${summary}` });
  await client.chat.postMessage({ channel: body.user.id, text: 'Saved.' });
});

// Bolt hands over each kind of message event apart, and none of the app's own.
app.message(async ({ message, client }) => {
  if (message.subtype === undefined && message.text === 'ping')
    await client.chat.postMessage({ channel: message.channel, thread_ts: message.ts, text: 'pong' });
});
app.event('message', async ({ event, client }) => {
  if (event.subtype !== 'message_changed' && event.subtype !== 'message_deleted') return;
  await client.chat.postMessage({
    channel: event.channel,
    text: event.subtype === 'message_changed' ? `Edited: ${event.previous_message.text} → ${event.message.text}`
      : `Deleted: ${event.deleted_ts}`,
  });
});
app.event('app_mention', async ({ event, say }) => {
  await say({ thread_ts: event.thread_ts ?? event.ts, text: `You called, <@${event.user}>?` });
});
app.event('subteam_members_changed', async ({ event, client }) => {
  await client.chat.postMessage({ channel: event.added_users[0], text: `Welcome to ${event.subteam_id}.` });
});

const stacked = (title, action_id) => ({
  type: 'modal', callback_id: 'stack', title: { type: 'plain_text', text: title },
  blocks: [{ type: 'actions', elements: [{ type: 'button', action_id, text: { type: 'plain_text', text: 'Go on' }, value: '1' }] }],
});
app.event('app_home_opened', async ({ event, client }) => {
  if (event.tab !== 'home') return;
  await client.views.publish({
    user_id: event.user,
    view: {
      type: 'home', private_metadata: event.view ? 'again' : 'first',
      blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'open', text: { type: 'plain_text', text: 'Open' }, value: '1' }] }],
    },
  });
});
app.action('open', async ({ body, ack, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: stacked('First', 'push') });
});
app.action('push', async ({ body, ack, client }) => {
  await ack();
  await client.views.push({ trigger_id: body.trigger_id, view: stacked('Second', 'update') });
});
app.action('update', async ({ body, ack, client }) => {
  await ack();
  await client.views.update({ view_id: body.view.id, hash: body.view.hash, view: stacked('Changed', 'update') });
});

app.start().then(() => console.log('ready'));
