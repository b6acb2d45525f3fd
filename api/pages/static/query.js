// The query page: an editor in place of the text field, and queries kept in this browser. The page works without it.

import {
  autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, completionKeymap, defaultKeymap, drawSelection,
  EditorState, EditorView, highlightActiveLine, highlightSpecialChars, HighlightStyle, history, historyKeymap, keymap,
  lineNumbers, lintGutter, setDiagnostics, sparql, StreamLanguage, syntaxHighlighting, tags,
} from "/static/vendor/codemirror/codemirror.js";

const field = document.querySelector("[data-query] textarea");
const form = field.form;
const SAVED = "perfkg-queries", DRAFT = "perfkg-query";

// ---------------------------------------------------------------- what the editor proposes

const KEYWORDS = (
  "SELECT DISTINCT WHERE OPTIONAL FILTER UNION MINUS VALUES BIND GRAPH GROUP ORDER BY HAVING LIMIT OFFSET ASK CONSTRUCT " +
  "DESCRIBE EXISTS NOT IN AS DESC ASC PREFIX BASE FROM NAMED COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT BOUND IF COALESCE " +
  "REGEX CONTAINS STRSTARTS STRENDS STRLEN SUBSTR REPLACE CONCAT LCASE UCASE STR LANG DATATYPE ISIRI ISLITERAL ROUND ABS YEAR"
).split(" ").map((label) => ({ label, type: "keyword", boost: -1 }));
const TYPES = { class: "class", property: "property", borrowed: "property", category: "constant", scheme: "constant", unit: "constant", dimension: "constant" };
let known;

async function vocabulary() {
  const told = await (await fetch("/api/vocabulary")).json();
  const short = (name) => name.startsWith("<https://perfkg.example/scheme/") ? `scheme:${name.slice(31, -1)}` : name;
  const terms = told.terms.filter((one) => one.kind !== "dimension" && one.kind !== "individual").map((one) => ({
    label: short(one.name), apply: one.name, detail: one.label, info: one.comment || undefined, type: TYPES[one.kind],
  }));
  const prefixes = Object.keys(told.prefixes).map((prefix) => ({ label: `${prefix}:`, type: "namespace" }));
  // A term is found by its Chinese name as well.
  const named = terms.filter((one) => one.detail).map((one) => ({ ...one, label: one.detail, detail: one.label }));
  return { terms, prefixes, named };
}

async function propose(context) {
  const word = context.matchBefore(/[?$][\p{L}\p{N}_]*|[\p{L}\p{N}_-]*:[\p{L}\p{N}_/-]*|[\p{L}][\p{L}\p{N}_-]*/u);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  try { known ??= await vocabulary(); } catch { return null; }
  const text = word.text;
  let options;
  if (/^[?$]/.test(text)) {
    const seen = new Set(context.state.doc.toString().match(/[?$][\p{L}\p{N}_]+/gu));
    seen.delete(text);
    options = [...seen].map((label) => ({ label, type: "variable" }));
  } else if (text.includes(":")) options = known.terms;
  else if (/\p{Script=Han}/u.test(text)) options = known.named;
  else options = [...KEYWORDS, ...known.prefixes, ...known.terms];
  return { from: word.from, options, validFor: text.includes(":") ? /^[\p{L}\p{N}_-]*:[\p{L}\p{N}_/-]*$/u : /^[?$]?[\p{L}\p{N}_-]*$/u };
}

// ---------------------------------------------------------------- how it looks

const mono = '"Cascadia Mono", Consolas, "Noto Sans Mono", "Noto Sans Mono CJK SC", monospace';
const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: mono, lineHeight: "1.6", maxHeight: "60vh" },
  ".cm-content, .cm-gutter": { minHeight: "160px" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--desk)", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--tint) 55%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--mark)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "6px", fontFamily: "var(--sans)" },
  ".cm-tooltip-autocomplete ul": { fontFamily: mono },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--tint)", color: "var(--accent)" },
  ".cm-completionDetail": { color: "var(--soft)", fontStyle: "normal", fontFamily: "var(--sans)", marginLeft: "10px" },
  ".cm-completionInfo": { maxWidth: "320px", padding: "6px 10px" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)", padding: "6px 10px" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1.5px", textUnderlineOffset: "3px" },
});
const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.number], color: "var(--good)" },
  { tag: tags.comment, color: "var(--soft)" },
  { tag: [tags.local(tags.variableName), tags.variableName], color: "var(--doubt)" },
  { tag: [tags.atom, tags.propertyName], color: "var(--ink)" },
]);
const chinese = EditorState.phrases.of({
  "Completions": "可选的词", "Diagnostics": "问题", "current match": "当前匹配", "Control character": "控制字符",
});

// ---------------------------------------------------------------- the editor

function open() {
  const host = document.createElement("div");
  host.className = "editor";
  // In a tree of its own the editor's styles are adopted sheets, which the page's policy allows.
  const root = host.attachShadow({ mode: "open" });
  const run = () => { form.requestSubmit(); return true; };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: (field.dataset.blank !== undefined && localStorage.getItem(DRAFT)) || field.value,
      extensions: [
        keymap.of([{ key: "Mod-Enter", run }]),
        lineNumbers(), lintGutter(), highlightSpecialChars(), history(), drawSelection(), bracketMatching(), closeBrackets(),
        highlightActiveLine(), EditorView.lineWrapping, StreamLanguage.define(sparql), syntaxHighlighting(colours), theme, chinese,
        autocompletion({ override: [propose] }), EditorView.domEventHandlers({ beforeinput: replace }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ "aria-label": "SPARQL 查询语句", spellcheck: "false", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => { if (update.docChanged) keep(update.state.doc.toString()); }),
      ],
    }),
  });
  field.hidden = true;
  field.before(host);
  field.value = view.state.doc.toString();
  // Keys typed here are no commands of the page.
  host.addEventListener("keydown", (event) => event.stopPropagation());
  mark(view);
  return view;
}

// The browser would put a style of its own on what is typed over a selection, which the page's policy forbids.
function replace(event, view) {
  const [from, to] = selected(view), insert = event.data;
  if (event.inputType !== "insertText" || !insert || from === to || view.composing) return false;
  const plain = () => view.state.update({
    changes: { from, to, insert }, selection: { anchor: from + insert.length }, userEvent: "input.type", scrollIntoView: true,
  });
  if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, insert, plain))) view.dispatch(plain());
  event.preventDefault();
  return true;
}

// As the browser has it: what it selected a moment ago the editor may not know yet.
function selected(view) {
  const seen = (view.root.getSelection ? view.root : document).getSelection(), { from, to } = view.state.selection.main;
  if (!view.contentDOM.contains(seen?.anchorNode) || !view.contentDOM.contains(seen.focusNode)) return [from, to];
  return [view.posAtDOM(seen.anchorNode, seen.anchorOffset), view.posAtDOM(seen.focusNode, seen.focusOffset)].sort((a, b) => a - b);
}

function keep(text) {
  field.value = text;
  localStorage.setItem(DRAFT, text);
}

function mark(view) {
  const { line, column, problem } = field.dataset;
  if (!line) return;
  const at = view.state.doc.line(Math.min(Number(line), view.state.doc.lines));
  const from = Math.min(at.from + [...at.text].slice(0, Number(column) - 1).join("").length, at.to);
  const after = /^\S+/.exec(at.text.slice(from - at.from)), before = /\S+\s*$/.exec(at.text.slice(0, from - at.from));
  // Where nothing follows, what stands before is underlined.
  const begin = after ? from : from - (before?.[0].length ?? 0), end = after ? from + after[0].length : from;
  view.dispatch(setDiagnostics(view.state, [{ from: begin, to: end, severity: "error", message: problem }]));
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}

const view = open();

// ---------------------------------------------------------------- queries kept in this browser

const mine = document.querySelector("[data-saved]"), saving = document.querySelector("[data-saving]");

function saved() {
  try { return JSON.parse(localStorage.getItem(SAVED)) ?? []; } catch { return []; }
}

function store(queries) {
  localStorage.setItem(SAVED, JSON.stringify(queries));
  list();
}

function list() {
  const queries = saved();
  mine.hidden = queries.length === 0;
  mine.querySelector("ul").replaceChildren(...queries.map((one) => {
    const item = document.createElement("li"), link = document.createElement("a"), remove = document.createElement("button");
    link.href = `/query?${new URLSearchParams({ query: one.text })}`;
    link.textContent = one.name;
    remove.type = "button";
    remove.textContent = "删";
    remove.setAttribute("aria-label", `删去“${one.name}”`);
    remove.addEventListener("click", () => store(saved().filter((other) => other.name !== one.name)));
    item.append(link, remove);
    return item;
  }));
}

const name = saving.querySelector("input");
function save() {
  if (!name.value.trim()) { name.focus(); return; }
  const one = { name: name.value.trim(), text: view.state.doc.toString() };
  store([...saved().filter((other) => other.name !== one.name), one].sort((a, b) => a.name.localeCompare(b.name, "zh")));
  name.value = "";
}
saving.querySelector("button").addEventListener("click", save);
name.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); save(); } });
saving.hidden = false;
list();

// The chosen one of a long list is in sight.
const chosen = document.querySelector(".asked [aria-current]"), offered = chosen?.closest(".asked");
if (offered) offered.scrollTop = chosen.offsetTop - offered.clientHeight / 2;
