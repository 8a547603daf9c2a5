// A small Bolt app, as anybody would write one: a command, a reaction, a button, a modal that refuses once.
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

app.start().then(() => console.log('ready'));
