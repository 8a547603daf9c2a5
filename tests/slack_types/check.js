// Checks the golden files of the views against Slack's own types with the TypeScript compiler: field names, element kinds and
// text kinds, which the table of limits does not know so well. Lengths and counts are checked elsewhere.
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';

const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, '../data/blocks');
const work = join(here, 'node_modules/.check');

// The views' own `blocks` accept any type string, hence the second check.
const view_types = {modal: 'ModalView', home: 'HomeView'};
function source(view) {
    const type = view_types[view.type];
    const types = "import type {HomeView, KnownBlock, ModalView} from '@slack/types';\n";
    const blocks = `export const blocks = ${JSON.stringify(view.blocks)} satisfies KnownBlock[];\n`;
    return types + blocks + (type ? `export const view = ${JSON.stringify(view)} satisfies ${type};\n` : '');
}

// Each must be refused, or the check checks nothing.
const wrong = {
    misspelt: {blocks: [{type: 'section', text: {type: 'mrkdwn', text: 'x'}, accesory: {}}]},
    text_kind: {blocks: [{type: 'header', text: {type: 'mrkdwn', text: 'x'}}]},
    element: {blocks: [{type: 'actions', elements: [{type: 'no_such_button', action_id: 'a'}]}]},
    block: {type: 'modal', title: {type: 'plain_text', text: 'x'}, blocks: [{type: 'no_such_block'}]},
    modal: {type: 'modal', title: {type: 'mrkdwn', text: 'x'}, blocks: []},
    home: {type: 'home', title: {type: 'plain_text', text: 'x'}, blocks: []},
};

const views = new Map();
for (const file of readdirSync(golden).filter((name) => name.endsWith('.json')).sort())
    views.set(file, JSON.parse(readFileSync(join(golden, file), 'utf8')));
if (views.size === 0) {
    console.error(`slack_types: there are no golden files in ${golden}`);
    process.exit(1);
}

rmSync(work, {recursive: true, force: true});
mkdirSync(work, {recursive: true});
const paths = new Map();
const add = (name, view) => {
    const path = join(work, `${name}.ts`);
    writeFileSync(path, source(view));
    paths.set(name, path);
};
for (const [file, view] of views) add(file, view);
for (const [name, view] of Object.entries(wrong)) add(`wrong_${name}`, view);

const program = ts.createProgram([...paths.values()], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
});
const errors = new Map();
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const path = diagnostic.file?.fileName ?? '';
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n  ');
    errors.set(path, [...(errors.get(path) ?? []), text]);
}

let failed = false;
const fail = (text) => {
    failed = true;
    console.error(text);
};
for (const text of errors.get('') ?? []) fail(text);
for (const [name, path] of paths) {
    const found = errors.get(path) ?? [];
    const meant = name.startsWith('wrong_');
    if (meant && found.length === 0) fail(`${name}: was accepted, so the check does not work`);
    if (!meant) for (const text of found) fail(`${name}: ${text}`);
}
if (!failed) console.log(`slack_types: ${views.size} golden files agree with Slack's types`);
process.exitCode = failed ? 1 : 0;
