"use strict";
// Tables that can be sorted by a column and filtered by words. Only text is ever written.
const plain = (text) => text.toLowerCase().replaceAll("\u2212", "-");
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const texts = new Map(rows.map((row) => [row, plain(row.textContent)]));
  const heads = Array.from(table.tHead.rows[0].cells);

  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "filter: words or numbers";
  box.setAttribute("aria-label", "show only rows that have all of these words");
  const count = document.createElement("output");
  const line = document.createElement("div");
  line.className = "filter";
  line.append(box, count);
  table.parentElement.before(line);
  const filter = () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !words.every((word) => texts.get(row).includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = `${shown} of ${rows.length} rows`;
  };
  box.addEventListener("input", filter);
  filter();

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    const key = (row) => {
      const cell = row.cells[column];
      return cell.dataset.key ?? plain(cell.textContent);
    };
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const compare = (a, b) => {
        const [x, y] = [key(a), key(b)];
        const numbers = x !== "" && y !== "" && !isNaN(x) && !isNaN(y);
        return numbers ? x - y : x.localeCompare(y, "en", { numeric: true });
      };
      body.append(...rows.toSorted((a, b) => (down ? compare(b, a) : compare(a, b))));
    });
  });
}
