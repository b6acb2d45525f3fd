"use strict";
// Choosing a folder, dropping one, and sending more than one request holds: the page works without any of it.

const intake = document.querySelector("[data-intake]");
const zone = intake.querySelector(".drop-zone");
const chosen = zone.querySelector("input");
const folder = intake.querySelector("[data-folder]");
const picked = intake.querySelector("[data-picked]");
const line = intake.querySelector(".progress-line");
const READ = /\.(txt|docx?|xlsx?|et|wps|pdf|html?|csv|zip|rtf)$/i;
const AT_ONCE = 48 * 1024 * 1024;
const MOST = 400;
let waiting = []; // [name, file] of a folder; what is chosen singly stays in the field

folder.closest("label").hidden = false;

const take = (found) => {
  const fit = found.filter(([name]) => READ.test(name) && !/(^|\/)(~\$|\.)/.test(name));
  waiting = fit;
  chosen.required = fit.length === 0;
  const left = found.length - fit.length;
  picked.textContent = fit.length
    ? `文件夹里有 ${fit.length} 个可读的文件${left ? `，另有 ${left} 个不是申报表的文件不读` : ""}`
    : "文件夹里没有可读的文件";
};

folder.addEventListener("change", () => take([...folder.files].map((file) => [file.webkitRelativePath || file.name, file])));
chosen.addEventListener("change", () => { waiting = []; chosen.required = true; picked.textContent = ""; });

// A dropped folder comes as an entry to be walked; files alone are left to the field itself.
const walk = async (entry, found) => {
  if (entry.isFile) {
    const file = await new Promise((good, bad) => entry.file(good, bad));
    found.push([entry.fullPath.replace(/^\//, ""), file]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((good, bad) => reader.readEntries(good, bad));
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
};
zone.addEventListener("drop", async (event) => {
  const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return;
  event.preventDefault();
  zone.classList.remove("over");
  const found = [];
  for (const entry of entries) await walk(entry, found);
  take(found);
});

const batches = (files) => {
  const made = [];
  let size = Infinity;
  for (const [name, file] of files) {
    size += file.size;
    if (size > AT_ONCE || made.at(-1).length >= MOST) { made.push([]); size = file.size; }
    made.at(-1).push([name, file]);
  }
  return made;
};

const say = (text, bad) => {
  line.hidden = false;
  line.querySelector("progress").hidden = Boolean(bad);
  line.querySelector("[role=status]").textContent = text;
};

// A folder, or more than a request may hold, is sent in parts; each is an import of its own.
intake.addEventListener("submit", async (event) => {
  const importing = event.submitter?.hasAttribute("formaction");
  const files = waiting.length ? waiting : [...chosen.files].map((file) => [file.name, file]);
  const parts = batches(files);
  if (!importing || (!waiting.length && parts.length < 2)) {
    if (waiting.length && !importing) {
      event.preventDefault();
      event.stopImmediatePropagation();
      say("文件夹请直接导入：导入后每个文件的修正和存疑都列出来，整次可以撤销。要先看看的话，请单独选择文件。", true);
    }
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const bar = line.querySelector("progress");
  bar.max = files.length;
  bar.value = 0;
  let last = null;
  for (const part of parts) {
    say(`正在上传 ${bar.value} / ${files.length}，请不要关闭这一页`);
    const body = new FormData();
    for (const [name, file] of part) body.append("files", file, name);
    try {
      const answer = await fetch("/api/declarations", { method: "POST", body });
      const said = await answer.json();
      if (!answer.ok) { say(said.detail, true); return; }
      last = said.id;
    } catch {
      say(`服务没有回应，已上传 ${bar.value} 个文件。请确认它还在运行，再试一次；已导入的再导入一次也不会重复。`, true);
      return;
    }
    bar.value += part.length;
  }
  location.href = parts.length > 1 ? "/library/imports" : `/imports/${last}`;
}, true);
