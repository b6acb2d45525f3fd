"use strict";
// Reviews: files chosen, progress watched, findings accepted or dismissed with a reason.
// A decision is kept in the browser by the form's content and the finding; with the token it goes into the ledger.

const KEPT = "perfkg-rulings";

function kept() {
  try { return JSON.parse(localStorage.getItem(KEPT) ?? "{}"); } catch { return {}; }
}

// Choosing

const choosing = document.querySelector("[data-choosing]");
if (choosing) {
  const chosen = choosing.querySelector(".chosen");
  const zone = choosing.querySelector(".drop-zone");
  const inputs = [...choosing.querySelectorAll("input[type=file]")];
  const MOST = 64 * 1024 * 1024;
  choosing.querySelector(".opening").hidden = false;
  const files = () => inputs.flatMap((input) => [...input.files]);
  const tell = () => {
    const all = files();
    const size = all.reduce((sum, one) => sum + one.size, 0);
    const names = all.slice(0, 6).map((one) => one.name).join("、");
    const many = all.length > 6 ? ` 等 ${all.length} 个` : "";
    chosen.textContent = size > MOST ? `选了 ${all.length} 个文件，共 ${Math.ceil(size / 1048576)} MB，超过 64 MB，请分几次。` : names + many;
    return all.length > 0 && size <= MOST;
  };
  for (const input of inputs) {
    input.addEventListener("change", () => {
      for (const other of inputs) if (other !== input) other.value = "";
      if (tell()) choosing.requestSubmit();
    });
  }
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, () => zone.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  choosing.addEventListener("submit", (event) => {
    if (!files().length) { event.preventDefault(); chosen.textContent = "还没有选择文件。"; return; }
    if (!tell()) { event.preventDefault(); return; }
    choosing.setAttribute("aria-busy", "true");
    chosen.textContent += "　正在上传……";
    for (const input of inputs) if (!input.files.length) input.disabled = true;
  });
  addEventListener("pageshow", () => { choosing.removeAttribute("aria-busy"); });
  // A file chosen before this script was there is reviewed as well; one that the browser brought back (reload, back) is only named.
  const [came] = performance.getEntriesByType("navigation");
  if (tell() && came.type === "navigate") choosing.requestSubmit();
}

// Watching: what is reviewed so far is shown as it comes, at most once a second.

const watch = document.querySelector("[data-watch]");
if (watch) {
  const source = new EventSource(watch.dataset.watch);
  let last = 0;
  const renew = async () => {
    last = Date.now();
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) { location.replace(answer.url); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("reviewed").replaceChildren(...page.getElementById("reviewed").childNodes);
  };
  source.addEventListener("progress", (event) => {
    const now = JSON.parse(event.data);
    const bar = document.querySelector("[data-watch]");
    if (!bar) return;
    bar.querySelector("progress").value = now.done;
    bar.querySelector("[data-done]").textContent = `${now.done} / ${now.total}`;
    if (Date.now() - last > 1000) renew().catch(() => {});
  });
  source.addEventListener("end", () => { source.close(); renew().catch(() => location.reload()); });
}

// Deciding

const judging = document.querySelector(".judging");
const WORDS = { accepted: "已采纳", dismissed: "不采纳" };

function show(item, decision, reason, by = "") {
  if (decision && decision !== "open") item.dataset.decision = decision; else delete item.dataset.decision;
  const ruled = item.querySelector(".ruled");
  const said = WORDS[decision] ?? "";
  ruled.replaceChildren(said && reason ? `${said}：${reason}` : said);
  if (by) { const small = document.createElement("small"); small.textContent = by; ruled.append(small); }
  item.querySelector(".choices").hidden = Boolean(said);
  item.querySelector("[data-decide=open]").hidden = !said;
  item.querySelector(".why-not").hidden = true;
}

function keep(form, finding, decision, reason) {
  const all = kept();
  all[form] = { ...all[form], [finding]: { decision, reason } };
  try { localStorage.setItem(KEPT, JSON.stringify(all)); } catch { say("浏览器不让保存（可能是无痕窗口）；请先下载意见表再关闭。"); }
}

function forget(form, finding) {
  const all = kept();
  delete all[form]?.[finding];
  localStorage.setItem(KEPT, JSON.stringify(all));
}

function say(text) {
  const told = document.getElementById("told");
  told.textContent = text;
  told.hidden = !text;
}

async function decide(item, decision, reason = "") {
  const form = judging.dataset.form;
  const finding = item.dataset.finding;
  keep(form, finding, decision, reason);
  show(item, decision, reason);
  if (!("known" in judging.dataset)) return;
  try {
    const body = JSON.stringify({ form, finding, decision, reason });
    const answer = await fetch("/review/rulings", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    const made = await answer.json();
    forget(form, finding);
    show(item, decision, reason, `${made.actor.replace("web@", "网页 ")} ${new Date(made.at).toLocaleDateString("sv")}`);
    say("");
  } catch (error) {
    say(`没有记进台账，先记在本机浏览器里：${error.message}`);
  }
}

if (judging) {
  const own = kept()[judging.dataset.form] ?? {};
  const items = [...judging.querySelectorAll(".finding")];
  for (const item of items) {
    item.querySelector(".ruling").append(document.getElementById("ruler").content.cloneNode(true));
    const by = item.querySelector(".ruled small")?.textContent ?? "";
    const mine = own[item.dataset.finding];
    if (mine) show(item, mine.decision, mine.reason); else show(item, item.dataset.decision, item.dataset.reason, by);
    const why = item.querySelector(".why-not");
    const reason = why.elements.reason;
    item.addEventListener("click", (event) => {
      const decision = event.target.dataset.decide;
      if (decision === "dismissed") {
        why.hidden = false;
        item.querySelector(".choices").hidden = true;
        reason.focus();
      } else if (decision) {
        decide(item, decision);
        item.querySelector(decision === "open" ? "[data-decide=accepted]" : "[data-decide=open]").focus();
      } else if ("back" in event.target.dataset) {
        show(item, item.dataset.decision, item.dataset.reason);
        item.querySelector("[data-decide=dismissed]").focus();
      }
    });
    why.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!reason.value.trim()) return;
      decide(item, "dismissed", reason.value.trim());
      item.querySelector("[data-decide=open]").focus();
    });
    why.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); why.querySelector("[data-back]").click(); } });
  }
}

// The opinion takes the decisions along that this browser keeps.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-taking]")) return;
  const shown = new Set([...document.querySelectorAll("[data-form]")].map((one) => one.dataset.form));
  const all = Object.entries(kept()).filter(([form]) => shown.has(form));
  const rulings = all.flatMap(([form, found]) => Object.entries(found).map(([finding, one]) => ({ form, finding, ...one })));
  event.target.elements.rulings.value = JSON.stringify(rulings);
});
