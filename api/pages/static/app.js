"use strict";
// Everything here makes a page that works without it quicker to use.

const search = document.querySelector("[data-search]");

// A filter acts as soon as it is chosen; on the first page nothing has been asked yet.
for (const field of document.querySelectorAll("[data-submit]")) {
  if (!field.form.matches("[data-filters], .list-filters")) continue;
  field.addEventListener("change", () => field.form.requestSubmit());
}
for (const button of document.querySelectorAll("[data-apply]")) button.hidden = true;

// An empty filter has no place in the address.
for (const form of document.querySelectorAll("form:not([method])")) {
  form.addEventListener("submit", (event) => {
    for (const field of form.elements) {
      if (field.name && field.name !== "q" && !("keep" in field.dataset) && field.value === "") field.disabled = true;
    }
    const asked = form.elements.q;
    if (form.getAttribute("role") === "search" && asked && !asked.value.trim()) event.preventDefault();
    setTimeout(() => { for (const field of form.elements) field.disabled = false; });
  });
}
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll(":disabled")) field.disabled = false;
});

// What the keys do.
const keys = document.getElementById("keys");
for (const button of document.querySelectorAll("[data-keys]")) {
  button.hidden = false;
  button.addEventListener("click", () => keys.showModal());
}

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, select, textarea, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "/" && search && (!typing || (event.target === search && !search.value))) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "?" && !typing) {
    keys.showModal();
  } else if (event.key === "Escape" && typing) {
    event.target.blur();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && document.querySelector("[data-hit]") && (!typing || event.target === search)) {
    const hits = [...document.querySelectorAll("[data-hit]")];
    const at = hits.indexOf(document.activeElement);
    const next = hits[event.key === "ArrowDown" ? Math.min(at + 1, hits.length - 1) : Math.max(at - 1, 0)];
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
});

// Reading or reviewing a file: the answer comes into this page, so that the chosen files stay chosen for the import.
const reading = document.querySelector("[data-read]");
if (reading) {
  const zone = reading.querySelector(".drop-zone");
  const input = zone.querySelector("input");
  const label = zone.querySelector("span");
  const told = label.textContent;
  const previews = document.getElementById("previews");
  const say = (text) => {
    const box = document.createElement("p");
    box.className = "notice bad";
    box.textContent = text;
    previews.replaceChildren(box);
  };
  const name = () => {
    const names = [...input.files].map((file) => file.name);
    const many = names.length > 6 ? ` 等 ${names.length} 个文件` : "";
    label.textContent = names.slice(0, 6).join("、") + many || told;
  };
  input.addEventListener("change", name);
  name();
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, () => zone.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  reading.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    reading.setAttribute("aria-busy", "true");
    const line = reading.querySelector(".progress-line");
    line.querySelector("[role=status]").textContent = `正在读 ${input.files.length} 个文件……`;
    line.querySelector("progress").removeAttribute("value");
    line.hidden = false;
    try {
      const answer = await fetch(reading.getAttribute("action"), { method: "POST", body: new FormData(reading), headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const shown = page.getElementById("previews") ?? page.querySelector("main .notice");
      previews.replaceChildren(...(answer.ok ? shown.childNodes : [shown]));
      previews.scrollIntoView({ block: "start" });
    } catch {
      say("服务没有回应。请确认它还在运行，再试一次；选好的文件还在。");
    } finally {
      reading.removeAttribute("aria-busy");
      line.hidden = true;
    }
  });
}

// A text to be copied; without the clipboard (a page that is not of this machine) it is selected for Ctrl + C.
for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  const told = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = "已复制";
    } catch {
      text.closest("details").open = true;
      text.select();
      button.textContent = "已选中，请按 Ctrl + C";
    }
    setTimeout(() => { button.textContent = told; }, 2000);
  });
}

// What is still being made is asked for again.
if (document.querySelector("[data-wait]")) setTimeout(() => location.reload(), 1200);

// What takes longer than the page comes into it when it is there: an answer above the hits, the check of an import.
for (const above of document.querySelectorAll("[data-above]")) {
  above.hidden = false;
  fetch(above.dataset.above, { headers: { Accept: "text/html" } })
    .then(async (answer) => {
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      above.replaceWith(...page.body.children);
    })
    .catch(() => above.remove());
}

// What cannot be undone by one more click is asked for.
for (const form of document.querySelectorAll("[data-confirm]")) {
  form.addEventListener("submit", (event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
}

// An import tells how far it is until it has ended; then its page is shown as it stands.
const progress = document.querySelector("[data-events]");
if (progress) {
  const source = new EventSource(progress.dataset.events);
  source.addEventListener("progress", (event) => {
    const job = JSON.parse(event.data);
    const bar = progress.querySelector("progress");
    if (job.total) { bar.max = job.total; bar.value = job.done; } else bar.removeAttribute("value");
    progress.querySelector("[data-stage]").textContent = job.stage;
    progress.querySelector("[data-done]").textContent = job.total ? `${job.done} / ${job.total}` : job.done || "";
  });
  source.addEventListener("end", () => { source.close(); location.reload(); });
}
