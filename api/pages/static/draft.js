"use strict";
// The draft is what stands in the fields; it is kept in the browser at every change and read back at the next visit.

const KEY = "perfkg-draft";
const HEAD = ["project", "organization", "year", "total", "fiscal", "other", "objective"];
const MONEY = ["total", "fiscal", "other"];
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
const say = (text) => { told.textContent = text; told.hidden = !text; };
const wait = (work, pause) => {
  let timer;
  return (...given) => { clearTimeout(timer); timer = setTimeout(work, pause, ...given); };
};

// The form

function addRow(content = {}) {
  const row = document.getElementById("row").content.firstElementChild.cloneNode(true);
  body.append(row);
  const known = field(row, "category");
  if (content.category && ![...known.options].some((one) => one.value === content.category)) {
    known.append(new Option(content.category, content.category));
  }
  for (const name of ["category", "name", "value"]) field(row, name).value = content[name] ?? "";
  count();
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
    category: field(row, "category").value, name: field(row, "name").value, value: field(row, "value").value,
  }));
  return content;
}

function fill(content) {
  for (const name of HEAD) form.elements[name].value = content[name] ?? "";
  body.replaceChildren();
  for (const row of content.rows ?? []) addRow(row);
  while (body.rows.length < 4) addRow();
}

const written = (content) => HEAD.some((name) => content[name]) || content.rows.some((row) => row.name || row.value);

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(draft()));
    document.getElementById("kept").textContent = "已存在本机浏览器";
  } catch {
    say("浏览器不让保存草稿（可能是无痕窗口）。请在关闭前存成文本文件。");
  }
}

function kept() {
  try { return JSON.parse(localStorage.getItem(KEY) ?? "null"); } catch { return null; }
}

addEventListener("storage", (event) => {
  if (event.key === KEY) say("另一个窗口也在改这份草稿，后保存的会盖过先保存的。请只在一个窗口里写。");
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
    const answer = await fetch(`/api/suggest?${wanted}`, { signal: asking.signal });
    const given = await answer.json();
    if (answer.ok) show(given, row); else suggested.replaceChildren(make("li", given.detail, "hint"));
  } catch (error) {
    if (error.name !== "AbortError") silent();
  }
}
const suggestSoon = wait(suggest, 160);

function show(given, row) {
  const items = given.suggestions.map((one) => item(one, row));
  suggested.replaceChildren(...(items.length ? items : [make("li", "没有相近的写法。", "hint")]));
  const missing = document.getElementById("missing");
  missing.replaceChildren();
  if (!given.missing.length) return;
  missing.append(make("p", "同类项目常有、这里还没有的：", "hint"));
  for (const one of given.missing) {
    const add = make("button", `${one.category}（${Math.round(one.share * 100)}%）`, "chip");
    add.type = "button";
    add.addEventListener("click", () => field(emptyRow(one.category), "name").focus());
    missing.append(add, " ");
  }
}

function emptyRow(category) {
  const row = rows().find((row) => !field(row, "name").value && !field(row, "value").value) ?? addRow();
  field(row, "category").value = category;
  return row;
}

function item(one, row) {
  const li = make("li");
  const use = make("button", "", "use");
  use.type = "button";
  use.append(make("b", one.name), make("span", one.value ?? ""));
  use.addEventListener("click", () => adopt(one, row));
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
  field(into, "value").focus();
  field(into, "value").select();
  changed();
}

// What the rules say

const yuan = (text) => {
  const number = Number(text.replace(/[,，\s]/g, ""));
  return text.trim() && Number.isFinite(number) && number >= 0 ? Math.round(number * 1e6) / 100 : null;
};

async function judge() {
  const content = draft();
  if (!content.rows.some((row) => row.name || row.value)) return;
  const money = Object.fromEntries(MONEY.map((name) => [name, yuan(content[name])]));
  const year = /^(19|20|21)\d\d$/.test(content.year.trim()) ? Number(content.year) : null;
  const asked = { project: content.project, organization: content.organization, objective: content.objective, year, ...money, indicators: content.rows };
  try {
    const answer = await fetch("/api/review/draft", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) });
    const given = await answer.json();
    if (!answer.ok) { found.replaceChildren(make("li", given.detail, "hint")); return; }
    say("");
    findings(given.report);
  } catch {
    silent();
  }
}
const judgeSoon = wait(judge, 700);

const SEVERITY = { serious: "须改正", notice: "应核对", hint: "可完善" };
function findings(report) {
  const wanted = ["serious", "notice", "hint"].flatMap((kind) => report.findings.filter((one) => one.verdict === "fail" && one.severity === kind));
  const items = wanted.slice(0, 20).map((one) => {
    const li = make("li", "", `finding s-${one.severity}`);
    const place = one.place.row ? `第 ${one.place.row} 行：` : "";
    li.append(make("b", SEVERITY[one.severity]), ` ${place}${one.message}`);
    if (one.advice) li.append(make("p", one.advice, "advice"));
    if (one.place.row) {
      const go = make("button", "改", "go");
      go.type = "button";
      go.setAttribute("aria-label", `改第 ${one.place.row} 行`);
      go.addEventListener("click", () => field(rows()[one.place.row - 1], "value")?.focus());
      li.append(go);
    }
    return li;
  });
  found.replaceChildren(...(items.length ? items : [make("li", "没有发现问题。", "hint")]));
}

function silent() {
  say("服务没有回应，草稿仍存在本机浏览器里；服务恢复后会接着核对。");
  setTimeout(judge, 5000);
}

// What happens

function changed() { keep(); suggestSoon(); judgeSoon(); }

form.addEventListener("input", changed);
form.addEventListener("submit", (event) => event.preventDefault());
body.addEventListener("focusin", (event) => { current = event.target.closest("tr"); suggestSoon(); });
body.addEventListener("click", (event) => {
  if (!event.target.matches(".remove")) return;
  event.target.closest("tr").remove();
  if (!body.rows.length) addRow();
  count();
  changed();
  field(body.rows[0], "name").focus();
});
document.getElementById("add").addEventListener("click", () => field(addRow(), "category").focus());
document.getElementById("clear").addEventListener("click", () => {
  if (confirm("清空这份草稿？清空后不能恢复。")) { fill({}); found.replaceChildren(); suggested.replaceChildren(); keep(); }
});

// Down goes from a field into the suggestions, Escape back to the field.
addEventListener("keydown", (event) => {
  const uses = [...suggested.querySelectorAll(".use")];
  const at = uses.indexOf(document.activeElement);
  if (event.isComposing || !uses.length) return;
  if (event.key === "ArrowDown" && (at >= 0 || event.target.matches("#rows input"))) {
    event.preventDefault();
    uses[Math.min(at + 1, uses.length - 1)].focus();
  } else if (event.key === "ArrowUp" && at >= 0) {
    event.preventDefault();
    if (at) uses[at - 1].focus(); else if (current) field(current, "name").focus();
  } else if (event.key === "Escape" && at >= 0 && current) {
    field(current, "name").focus();
  } else if (event.key === "Enter" && event.target.matches("#rows [name=value]")) {
    event.preventDefault();
    const next = event.target.closest("tr").nextElementSibling ?? addRow({ category: field(current, "category").value });
    field(next, "name").focus();
  }
});

// A text file in the layout that the library reads.
document.getElementById("save").addEventListener("click", () => {
  const content = draft();
  const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const tops = new Map([...document.getElementById("row").content.querySelectorAll("option")].map((one) => [one.value, one.parentElement.label]));
  const lines = [
    "部门预算项目支出绩效目标申报表", `（${plain(content.year)}年度）`,
    `项目名称\t\t${plain(content.project)}`, `预算单位\t\t${plain(content.organization)}`,
    `项目资金(万元)\t\t年度资金总额：\t\t${plain(content.total)}`,
    `\t\t其中:财政拨款\t\t${plain(content.fiscal)}`, `\t\t其他资金\t\t${plain(content.other)}`,
    "总体目标\t年度目标", `\t${plain(content.objective)}`,
    "绩效指标\t一级指标\t二级指标\t三级指标\t指标值（包含数字及文字描述）",
    ...content.rows.filter((row) => row.name || row.value).map((row) => `\t${tops.get(row.category) ?? ""}\t${row.category}\t${plain(row.name)}\t${plain(row.value)}`),
  ];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/plain" }));
  link.download = `${plain(content.project) || "绩效目标申报表"}.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
});

// Last year's form as a start: its words, its rows, the next year.
async function copied(id) {
  const answer = await fetch(`/api/declarations/${encodeURIComponent(id)}`);
  if (!answer.ok) { say("要照抄的申报表没有找到。"); return; }
  const one = await answer.json();
  const wan = (amount) => (amount === null ? "" : String(amount / 10000));
  fill({
    project: one.project, organization: one.organization, objective: one.objective, year: one.year ? String(one.year + 1) : "",
    total: wan(one.funding.total), fiscal: wan(one.funding.fiscal), other: wan(one.funding.other),
    rows: one.indicators.map((row) => ({ category: row.category.level2 ?? "", name: row.name ?? "", value: row.value ?? "" })),
  });
  say(`以 ${one.year ?? ""} 年的申报表为底稿，年度已改成下一年；数值请逐条核对。`);
  changed();
}

const before = kept();
fill(before ?? {});
const from = new URLSearchParams(location.search).get("from");
if (from && (!before || !written(before) || confirm("浏览器里已有一份没写完的草稿。用这张表替换它？"))) copied(from);
else if (before && written(before)) judge();
if (from) history.replaceState(null, "", "/draft");
