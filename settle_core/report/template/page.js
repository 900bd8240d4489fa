"use strict";
// Tables that can be sorted by a column and filtered, and lines to copy. Only text is written.
const plain = (text) =>
  text.toLowerCase().replaceAll("\u2212", "-").replaceAll("_", " ").replace(/(\d),(?=\d{3})/g, "$1");
const make = (name, properties, ...inside) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
};
const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
// The run folder is where this page is; opened from elsewhere, its name is left to the reader.
const run = location.protocol === "file:"
  ? quoted(decodeURIComponent(location.pathname).replace(/\/[^/]*$/, "")) : "RUN";
const lines = (row) => {
  const id = row.dataset.id;
  const expires = new Date(Date.now() + 90 * 86400000).toISOString().slice(0, 10);
  return [
    `settle explain ${run} ${id}`,
    `settle accept ${run} ${id} --reason "why it is right" --author "your name" --expires ${expires}`,
    `papermill account_week.ipynb out.ipynb -r export ${quoted(row.dataset.export ?? "EXPORT")}` +
      ` -r finding ${id}`,
  ];
};

function named(row) {
  const code = row.querySelector("code.id");
  if (!code) return;
  const button = make("button", { type: "button", className: "id", textContent: code.textContent });
  button.title = "copy this finding's id, and show the commands for it";
  code.replaceWith(button);
  button.addEventListener("click", () => {
    copy(row.dataset.id);
    const below = row.nextElementSibling;
    if (below?.classList.contains("commands")) return below.remove();
    const box = make("div", { className: "lines" });
    for (const line of lines(row)) {
      const one = make("button", { type: "button", textContent: "copy" });
      one.addEventListener("click", () => copy(line).then(() => (one.textContent = "copied")));
      box.append(make("code", { textContent: line }), one);
    }
    const cell = make("td", { colSpan: row.cells.length }, box);
    row.after(make("tr", { className: "commands" }, cell));
  });
}

for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const titles = heads.map((head) => plain(head.textContent).split(",")[0]);
  const value = (row, column) => plain(row.cells[column].textContent);
  const texts = new Map(
    rows.map((row) => [row, `${plain(row.textContent)} ${row.dataset.id ?? ""}`]),
  );
  const chosen = new Map(); // title or "week" -> the value that rows must have

  const box = make("input", { type: "search", placeholder: "words or numbers, or: account 9" });
  box.setAttribute("aria-label", "show only rows that have all of these words");
  const count = document.createElement("output");
  const bar = make("div", { className: "filter" }, box);
  const of = (row, name) =>
    name === "week" ? row.dataset.week : value(row, titles.indexOf(name));
  const matches = (row, words) => {
    for (let at = 0; at < words.length; at += 1) {
      const column = titles.indexOf(words[at]);
      if (column >= 0 && at + 1 < words.length) {
        at += 1;
        if (value(row, column) !== words[at]) return false;
      } else if (!texts.get(row).includes(words[at])) return false;
    }
    return true;
  };
  const tidy = () => body.querySelectorAll("tr.commands").forEach((each) => each.remove());
  const filter = () => {
    tidy();
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    for (const row of rows) {
      row.hidden = !matches(row, words) ||
        [...chosen].some(([name, wanted]) => of(row, name) !== wanted);
    }
    count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
  };
  const pick = (name, wanted) => {
    if (wanted) chosen.set(name, wanted);
    else chosen.delete(name);
    for (const each of bar.querySelectorAll(`[data-of="${name}"]`)) {
      if (each.tagName === "SELECT") each.value = wanted ?? "";
      else each.setAttribute("aria-pressed", String(each.dataset.value === wanted));
    }
    filter();
  };
  const choices = (name) => {
    const there = name === "week" ? rows[0]?.dataset.week : titles.includes(name);
    return there ? [...new Set(rows.map((row) => of(row, name)))] : [];
  };
  for (const name of ["status", "rule", "cause"]) {
    const values = choices(name).sort();
    if (values.length < 2 || values.length > 10) continue;
    for (const each of values) {
      const chip = make("button", { type: "button", className: "chip", textContent: each || "none" });
      chip.dataset.of = name;
      chip.dataset.value = each;
      chip.setAttribute("aria-pressed", "false");
      chip.addEventListener("click", () => pick(name, chosen.get(name) === each ? "" : each));
      bar.append(chip);
    }
  }
  for (const name of ["account", "week"]) {
    const values = choices(name);
    if (values.length < 2) continue;
    values.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const select = make("select", {}, make("option", { value: "", textContent: `every ${name}` }));
    select.append(...values.map((each) => make("option", { value: each, textContent: each })));
    select.dataset.of = name;
    select.setAttribute("aria-label", name);
    select.addEventListener("change", () => pick(name, select.value));
    bar.append(select);
  }
  box.addEventListener("input", filter);
  bar.append(count);
  table.parentElement.before(bar);
  filter();
  rows.forEach(named);

  heads.forEach((head, column) => {
    head.tabIndex = 0;
    const key = (row) => row.cells[column].dataset.key ?? plain(row.cells[column].textContent);
    const sort = () => {
      tidy();
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const compare = (a, b) => {
        const [x, y] = [key(a), key(b)];
        const numbers = x !== "" && y !== "" && !isNaN(x) && !isNaN(y);
        return numbers ? x - y : x.localeCompare(y, "en", { numeric: true });
      };
      body.append(...rows.toSorted((a, b) => (down ? compare(b, a) : compare(a, b))));
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        sort();
      }
    });
  });

  // A cell of the heat map shows the findings of its account's week; any other link shows its row.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a");
    const target = link?.getAttribute("href") ?? link?.getAttribute("xlink:href");
    if (!target?.startsWith("#")) return;
    const place = document.getElementById(decodeURIComponent(target.slice(1)));
    const row = place?.closest("tr");
    for (let fold = place?.closest("details"); fold; fold = fold.parentElement?.closest("details"))
      fold.open = true;
    if (!row || row.parentElement !== body) return;
    for (const name of [...chosen.keys()]) pick(name, "");
    box.value = "";
    if (target.startsWith("#week-")) {
      pick("account", value(row, titles.indexOf("account")));
      pick("week", row.dataset.week);
    } else filter();
  });
}
