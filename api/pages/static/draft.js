"use strict";
// The draft is what stands in the fields; it is kept in the browser at every change and read back at the next visit.

const KEY = "perfkg-draft";
const MONEY = ["total", "fiscal", "other"];
const HEAD = ["project", "organization", "department", "implementer", "year", ...MONEY, "objective"];
const form = document.getElementById("draft");
const body = document.getElementById("rows");
const suggested = document.getElementById("suggested");
const found = document.getElementById("found");
const told = document.getElementById("told");
let current = null;

const rows = () => [...body.rows];
const field = (row, name) => row.querySelector(`[name=${name}]`);
const make = (tag, text = "", kind = "") => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
};
const button = (text, kind, work) => {
  const made = make("button", text, kind);
  made.type = "button";
  made.addEventListener("click", work);
  return made;
};
const wait = (work, pause) => {
  let timer;
  return (...given) => { clearTimeout(timer); timer = setTimeout(work, pause, ...given); };
};

// A notice, with what can be done about it: pairs of a label and the work.
function say(text, ...choices) {
  told.replaceChildren(make("span", text), ...choices.map(([label, work]) => button(label, "link", () => { say(""); work(); })));
  told.hidden = !text;
}

// The service: where it does not answer, that is said once, and what was asked is asked again until it does.

let silent = false;
const again = wait(() => { judge(); suggest(); }, 5000);

async function reach(address, options = {}) {
  try {
    const answer = await fetch(address, options);
    if (silent) { silent = false; say("服务已恢复，草稿已接着核对。"); }
    return answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    silent = true;
    say("服务没有回应，草稿仍存在本机浏览器里，可以接着写；服务恢复后会接着核对。");
    again();
    return null;
  }
}

const posted = (content) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) });

// The form

function addRow(content = {}) {
  const row = document.getElementById("row").content.firstElementChild.cloneNode(true);
  body.append(row);
  const known = field(row, "category");
  if (content.category && ![...known.options].some((one) => one.value === content.category)) {
    known.append(new Option(content.category, content.category));
  }
  row.dataset.level1 = content.level1 ?? "";
  for (const name of ["category", "name", "value"]) field(row, name).value = content[name] ?? "";
  return row;
}

function count() {
  rows().forEach((row, at) => {
    row.cells[0].textContent = at + 1;
    for (const [name, label] of [["category", "二级指标"], ["name", "三级指标"], ["value", "指标值"]]) {
      field(row, name).setAttribute("aria-label", `第 ${at + 1} 行${label}`);
    }
  });
}

function draft() {
  const content = Object.fromEntries(HEAD.map((name) => [name, form.elements[name].value]));
  content.rows = rows().map((row) => ({
    category: field(row, "category").value, level1: row.dataset.level1, name: field(row, "name").value, value: field(row, "value").value,
  }));
  return content;
}

function fill(content) {
  for (const name of HEAD) form.elements[name].value = content[name] ?? "";
  body.replaceChildren();
  for (const row of content.rows ?? []) addRow(row);
  while (body.rows.length < 4) addRow();
  count();
  grow();
}

// Something else takes the place of what is there; the way back is kept.
function replace(content, text) {
  const before = draft();
  fill(content);
  changed();
  const back = ["撤销", () => { fill(before); changed(); }];
  say(text, ...(written(before) ? [back] : []));
}

const written = (content) => HEAD.some((name) => content[name]) || content.rows.some((row) => row.name || row.value);

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(draft()));
    document.getElementById("kept").textContent = `已存在本机浏览器 ${new Date().toTimeString().slice(0, 5)}`;
  } catch {
    say("浏览器不让保存草稿（可能是无痕窗口）。请在关闭前存成文件。");
  }
}

function kept(text = localStorage.getItem(KEY)) {
  try { return JSON.parse(text ?? "null"); } catch { return null; }
}

// A field is as high as what stands in it.
function grow(areas = form.querySelectorAll("textarea")) {
  for (const one of areas) one.style.height = "auto";
  const heights = [...areas].map((one) => one.scrollHeight + 2);
  [...areas].forEach((one, at) => { one.style.height = `${heights[at]}px`; });
}

addEventListener("storage", (event) => {
  const theirs = event.key === KEY && kept(event.newValue);
  if (!theirs) return;
  say("另一个窗口也在改这份草稿，后写的会盖过先写的。请只在一个窗口里写。", ["用那边的内容", () => { fill(theirs); judge(); }]);
});

// Suggestions for the row at hand

let asking = null;
async function suggest() {
  const row = current;
  const project = form.elements.project.value.trim();
  const text = row ? field(row, "name").value.trim() : "";
  if (!project && !text) return;
  asking?.abort();
  asking = new AbortController();
  const wanted = new URLSearchParams({ project, text, limit: 8 });
  const category = row ? field(row, "category").value : "";
  if (category) wanted.set("category", category);
  for (const one of new Set(draft().rows.filter((one) => one.name).map((one) => one.category))) if (one) wanted.append("filled", one);
  try {
    const answer = await reach(`/api/suggest?${wanted}`, { signal: asking.signal });
    if (!answer) return;
    const given = await answer.json();
    if (answer.ok) show(given, row, text); else suggested.replaceChildren(make("li", given.detail, "hint"));
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}
const suggestSoon = wait(suggest, 160);

// Why they are here: what was typed stands in them, they are near to it, or merely usual in projects of the kind.
function grouped(suggestions, row, text) {
  const said = { typed: `符合“${text.slice(0, 20)}”的`, meaning: "意思最近的", project: `没有与“${text.slice(0, 20)}”相近的写法；同类项目用过：` };
  const found = Object.keys(said).map((match) => suggestions.filter((one) => one.match === match));
  if (found[0].length || found[1].length) said.project = "同类项目用过的";
  return Object.values(said).flatMap((why, at) => found[at].length ? [make("li", why, "hint"), ...found[at].map((one) => item(one, row))] : []);
}

function show(given, row, text) {
  const items = text ? grouped(given.suggestions, row, text) : given.suggestions.map((one) => item(one, row));
  suggested.replaceChildren(...(items.length ? items : [make("li", "没有相近的写法。", "hint")]));
  const missing = document.getElementById("missing");
  missing.replaceChildren();
  if (!given.missing.length) return;
  missing.append(make("p", "同类项目常有、这里还没有的：", "hint"));
  for (const one of given.missing) {
    const name = `${one.category}（${Math.round(one.share * 100)}%）`;
    missing.append(button(name, "chip", () => field(emptyRow(one.category), "name").focus()), " ");
  }
}

function emptyRow(category) {
  const row = rows().find((row) => !field(row, "name").value && !field(row, "value").value) ?? addRow();
  field(row, "category").value = category;
  row.dataset.level1 = "";
  count();
  return row;
}

function item(one, row) {
  const li = make("li");
  const use = button("", "use", () => adopt(one, row));
  use.append(make("b", one.name), make("span", one.value ?? ""));
  const details = document.createElement("details");
  const years = one.years.length ? `，${one.years.join("、")} 年` : "";
  details.append(make("summary", `${one.support} 个项目用过${years}${one.vague ? "；难以核对" : ""}`));
  const list = document.createElement("ul");
  for (const hit of one.evidence.slice(0, 6)) {
    const source = make("li", `${hit.value ?? ""}　`);
    const link = make("a", `${hit.project ?? "（没有项目名称）"} ${hit.year ?? ""}`);
    link.href = `/declarations/${encodeURIComponent(hit.declaration)}?hit=${encodeURIComponent(hit.id)}#hit`;
    link.target = "_blank";
    source.append(link);
    list.append(source);
  }
  details.append(list);
  if (one.vague && one.instead.length) {
    details.append(make("p", `可以核对的写法：${one.instead.map((other) => `${other.name} ${other.value ?? ""}`).join("；")}`));
  }
  li.append(use, details);
  return li;
}

function adopt(one, row) {
  const into = row?.isConnected ? row : emptyRow("");
  field(into, "name").value = one.name;
  if (!field(into, "value").value) field(into, "value").value = one.value ?? "";
  const known = field(into, "category");
  if (!known.value && [...known.options].some((option) => option.value === one.category)) known.value = one.category;
  grow([field(into, "name"), field(into, "value")]);
  field(into, "value").focus();
  field(into, "value").select();
  changed();
}

// What the rules say

const yuan = (text) => {
  const number = Number(text.replace(/[,，\s]/g, ""));
  return text.trim() && Number.isFinite(number) && number >= 0 ? Math.round(number * 1e6) / 100 : null;
};

function content() {
  const { rows: indicators, ...head } = draft();
  for (const name of MONEY) head[name] = yuan(head[name]);
  head.year = /^(19|20|21)\d\d$/.test(head.year.trim()) ? Number(head.year) : null;
  return { ...head, indicators };
}

const unread = () => [
  ...MONEY.filter((name) => form.elements[name].value.trim() && yuan(form.elements[name].value) === null).map((name) => form.elements[name]),
  ...[form.elements.year].filter((one) => one.value.trim() && !/^(19|20|21)\d\d$/.test(one.value.trim())),
];

async function judge() {
  for (const name of [...MONEY, "year"]) form.elements[name].toggleAttribute("aria-invalid", unread().includes(form.elements[name]));
  if (!draft().rows.some((row) => row.name || row.value)) { findings([]); return; }
  const answer = await reach("/api/review/draft", posted(content()));
  if (!answer) return;
  const given = await answer.json();
  if (answer.ok) findings(given.report.findings); else found.replaceChildren(make("li", given.detail, "hint"));
}
const judgeSoon = wait(judge, 700);

const SEVERITY = { serious: "须改正", notice: "应核对", hint: "可完善" };
function findings(all) {
  const wanted = Object.keys(SEVERITY).flatMap((kind) => all.filter((one) => one.verdict === "fail" && one.severity === kind));
  rows().forEach((row, at) => {
    const worst = wanted.find((one) => one.place.row === at + 1);
    row.cells[0].className = worst ? `order s-${worst.severity}` : "order";
    row.cells[0].title = worst ? `${SEVERITY[worst.severity]}：${worst.message}` : "";
  });
  const items = wanted.slice(0, 30).map((one) => {
    const li = make("li", "", `finding s-${one.severity}`);
    const place = one.place.row ? `第 ${one.place.row} 行：` : "";
    li.append(make("b", SEVERITY[one.severity]), ` ${place}${one.message}`);
    if (one.advice) li.append(make("p", one.advice, "advice"));
    if (one.place.row) {
      const go = button("改", "go", () => field(rows()[one.place.row - 1], "value")?.focus());
      go.setAttribute("aria-label", `改第 ${one.place.row} 行`);
      li.append(go);
    }
    return li;
  });
  if (wanted.length > items.length) items.push(make("li", `还有 ${wanted.length - items.length} 处，改了前面的再看。`, "hint"));
  found.replaceChildren(...(items.length ? items : [make("li", all.length ? "没有发现问题。" : "写了指标以后，这里随时核对。", "hint")]));
}

// What happens

function changed() { keep(); suggestSoon(); judgeSoon(); }

form.addEventListener("input", (event) => {
  if (event.target.name === "category") event.target.closest("tr").dataset.level1 = "";
  if (event.target.matches("textarea")) grow([event.target]);
  changed();
});
form.addEventListener("submit", (event) => event.preventDefault());
body.addEventListener("focusin", (event) => { current = event.target.closest("tr"); suggestSoon(); });
body.addEventListener("click", (event) => {
  if (!event.target.matches(".remove")) return;
  const before = draft();
  const row = event.target.closest("tr");
  const filled = field(row, "name").value || field(row, "value").value;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  if (!body.rows.length) addRow();
  count();
  changed();
  field(next ?? body.rows[0], "name").focus();
  if (filled) say("删了一行。", ["撤销", () => { fill(before); changed(); }]);
});
document.getElementById("add").addEventListener("click", () => { const row = addRow(); count(); field(row, "category").focus(); });
document.getElementById("clear").addEventListener("click", () => {
  suggested.replaceChildren();
  replace({}, "已清空。");
});

// Down goes from a field into the suggestions, Escape back to the field; Enter in a value goes to the next row.
addEventListener("keydown", (event) => {
  const uses = [...suggested.querySelectorAll(".use")];
  const at = uses.indexOf(document.activeElement);
  if (event.isComposing) return;
  if (event.key === "ArrowDown" && uses.length && (at >= 0 || event.target.matches("#rows textarea"))) {
    event.preventDefault();
    uses[Math.min(at + 1, uses.length - 1)].focus();
  } else if (event.key === "ArrowUp" && at >= 0) {
    event.preventDefault();
    if (at) uses[at - 1].focus(); else if (current) field(current, "name").focus();
  } else if (event.key === "Escape" && at >= 0 && current) {
    field(current, "name").focus();
  } else if (event.key === "Enter" && event.target.matches("#rows textarea")) {
    event.preventDefault();
    const row = event.target.closest("tr");
    if (event.target.name === "name") { field(row, "value").focus(); return; }
    const next = row.nextElementSibling ?? addRow({ category: field(row, "category").value, level1: row.dataset.level1 });
    count();
    field(next, "name").focus();
  }
});

// Files

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();
const fileName = (suffix) => `${plain(form.elements.project.value).replace(/[\\/:*?"<>|]/g, " ").slice(0, 80).trim() || "绩效目标申报表"}.${suffix}`;

for (const one of document.querySelectorAll("[data-save]")) {
  one.addEventListener("click", async () => {
    const [wrong] = unread();
    if (wrong) { say(`“${wrong.value}”不是${wrong.name === "year" ? "年度" : "金额"}，请改好再存。`); wrong.focus(); return; }
    const answer = await reach(`/api/draft?format=${one.dataset.save}`, posted(content()));
    if (!answer) { say("服务没有回应，存不成这种文件；草稿还在，可以先存成文本。"); return; }
    if (!answer.ok) { say((await answer.json()).detail); return; }
    download(await answer.blob(), fileName(one.dataset.save));
    say("已存成文件。以后用“打开存过的表”可以接着写。");
  });
}

// A text file in the layout that the library reads, made here: it can be saved while the service is away.
document.getElementById("text").addEventListener("click", () => {
  const content = draft();
  const tops = new Map([...document.getElementById("row").content.querySelectorAll("option")].map((one) => [one.value, one.parentElement.label]));
  const top = (row) => row.level1 || (tops.get(row.category) ?? "");
  const lines = [
    "部门预算项目支出绩效目标申报表", `（${plain(content.year)}年度）`,
    `项目名称\t\t${plain(content.project)}`, `主管部门\t\t${plain(content.department)}`,
    `预算单位\t\t${plain(content.organization)}`, `实施单位\t\t${plain(content.implementer)}`,
    `项目资金(万元)\t\t年度资金总额：\t\t${plain(content.total)}`,
    `\t\t其中:财政拨款\t\t${plain(content.fiscal)}`, `\t\t其他资金\t\t${plain(content.other)}`,
    "总体目标\t年度目标", `\t${plain(content.objective)}`,
    "绩效指标\t一级指标\t二级指标\t三级指标\t指标值（包含数字及文字描述）",
    ...content.rows.filter((row) => row.name || row.value).sort((a, b) => Boolean(a.category) - Boolean(b.category)).map((row) => `\t${top(row)}\t${row.category}\t${plain(row.name)}\t${plain(row.value)}`),
  ].filter((line) => !/^(主管部门|实施单位)\t\t$/.test(line));
  download(new Blob([lines.join("\n") + "\n"], { type: "text/plain" }), fileName("txt"));
});

// Where a draft starts: a form that was read, the next year's where it was another year's.

const wan = (amount) => (amount === null ? "" : String(Number((amount / 10000).toPrecision(15))));

function taken(one, year) {
  return {
    ...Object.fromEntries(["project", "organization", "department", "implementer", "objective"].map((name) => [name, one[name] ?? ""])),
    year: year ? String(year) : "",
    ...Object.fromEntries(MONEY.map((name) => [name, wan(one.funding[name])])),
    rows: one.indicators.map((row) => ({
      category: row.category.level2 ?? "", level1: row.category.level1 ?? "", name: row.name ?? "", value: row.value ?? "",
    })),
  };
}

async function copied(id) {
  const answer = await reach(`/api/declarations/${encodeURIComponent(id)}`);
  if (!answer) return;
  if (!answer.ok) { say("要照抄的申报表没有找到，可能已撤回。"); return; }
  const one = await answer.json();
  replace(taken(one, one.year && one.year + 1), `以 ${one.year ?? ""} 年的申报表为底稿，年度已改成下一年；数值请逐条核对。`);
}

const picker = document.getElementById("picker");
const picking = document.getElementById("picking");
const picked = document.getElementById("picked");

async function list() {
  const answer = await reach(`/api/declarations?limit=30&q=${encodeURIComponent(picking.value.trim())}`);
  if (!answer) return;
  const given = await answer.json();
  if (!answer.ok) { picked.replaceChildren(make("li", given.detail, "hint")); return; }
  const items = given.declarations.map((one) => {
    const choose = button("", "use", () => { picker.close(); copied(one.id); });
    choose.append(make("b", one.project ?? "（没有项目名称）"), make("span", `${one.organization ?? ""} ${one.year ?? ""}`));
    const li = make("li");
    li.append(choose);
    return li;
  });
  if (given.total > items.length) items.push(make("li", `共 ${given.total} 份，多写几个字再找。`, "hint"));
  picked.replaceChildren(...(items.length ? items : [make("li", "没有这样的申报表。", "hint")]));
}
picking.addEventListener("input", wait(list, 160));
picker.addEventListener("keydown", (event) => {
  const uses = [...picked.querySelectorAll(".use")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !uses.length) return;
  event.preventDefault();
  const at = uses.indexOf(document.activeElement) + step;
  if (at < 0) picking.focus(); else uses[Math.min(at, uses.length - 1)].focus();
});
document.getElementById("last-year").addEventListener("click", () => {
  picking.value = form.elements.project.value || form.elements.organization.value;
  picker.showModal();
  picking.select();
  list();
});

document.getElementById("propose").addEventListener("click", async () => {
  const { project, objective } = draft();
  if (!project.trim()) { say("请先写项目名称，才知道参照哪些项目。"); form.elements.project.focus(); return; }
  const answer = await reach(`/api/draft?${new URLSearchParams({ project, ...(objective ? { objective } : {}) })}`);
  if (!answer) return;
  const given = await answer.json();
  if (!answer.ok) { say(given.detail); return; }
  const proposed = given.sections.flatMap((section) => section.suggestions.map((one) => ({ category: section.category, name: one.name, value: one.value ?? "" })));
  if (!proposed.length) { say(given.notices[0]); return; }
  const own = draft().rows.filter((row) => row.name || row.value);
  const there = new Set(own.map((row) => row.name));
  replace({ ...draft(), rows: [...own, ...proposed.filter((row) => !there.has(row.name))] }, `${given.notices[0]}。`);
});

const opening = document.getElementById("open");
opening.closest("label").hidden = false;
opening.addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const sent = new FormData();
  sent.append("files", file);
  event.target.value = "";
  const answer = await reach("/api/read", { method: "POST", body: sent });
  if (!answer) return;
  const given = await answer.json();
  if (!answer.ok) { say(given.detail); return; }
  const [one, ...others] = given.declarations;
  if (!one) { say(`${file.name}：${given.refused[0]?.reason ?? "没有读到申报表"}`); return; }
  replace(taken(one, one.year), `已打开 ${file.name}。${others.length ? `文件里有 ${others.length + 1} 张表，打开的是第一张。` : ""}`);
});

// The first look

const before = kept();
fill(before ?? {});
const from = new URLSearchParams(location.search).get("from");
if (from) { copied(from); history.replaceState(null, "", "/draft"); } else if (before && written(before)) judge();
