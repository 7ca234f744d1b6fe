/** The page's only script: sorts and filters the table of problems. Without it the table is whole and in order. */
export const SCRIPT = `
const table = document.getElementById("problems");
if (table) {
  const body = table.tBodies[0], rows = [...body.rows], headings = [...table.tHead.rows[0].cells];
  const tools = document.getElementById("tools"), words = tools.querySelector("input"), verdict = tools.querySelector("select");
  const shown = document.getElementById("shown");
  const read = (row, column) => { const { value } = row.cells[column].dataset; return value === undefined ? row.cells[column].textContent : +value; };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const numeric = rows[0] && rows[0].cells[column].dataset.value !== undefined;
      const first = numeric ? "descending" : "ascending", now = heading.getAttribute("aria-sort");
      const order = now === first ? (numeric ? "ascending" : "descending") : first;
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1, collator = new Intl.Collator(undefined, { numeric: true });
      const keys = new Map(rows.map((row) => [row, read(row, column)]));
      const compare = (a, b) => typeof a === "number" ? a - b : collator.compare(a, b);
      body.append(...rows.sort((a, b) => sign * compare(keys.get(a), keys.get(b))));
    });
  });
  const filter = () => {
    const wanted = words.value.toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = row.cells[0].textContent.toLowerCase().includes(wanted) && (!verdict.value || row.dataset.verdicts.split(" ").includes(verdict.value));
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = count === rows.length ? "" : count + " of " + rows.length + " shown";
  };
  words.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  tools.hidden = false;
}
`;
