/* --- tables ---------------------------------------------------------------------------------- */

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function sortable(table, select) {
	const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
	const key = (row, i) => row.cells[i].dataset.v === undefined ?
		row.cells[i].textContent.trim() : Number(row.cells[i].dataset.v);

	function sort(i, descending) {
		const rows = [...body.rows].map((row, n) => [key(row, i), n, row]);
		const numbers = heads[i].dataset.sort === "number";
		rows.sort((a, b) => ((numbers ? a[0] - b[0] : collator.compare(a[0], b[0])) *
				     (descending ? -1 : 1)) || a[1] - b[1]);
		body.append(...rows.map((r) => r[2]));
		heads.forEach((head, n) => {
			if (n === i)
				head.setAttribute("aria-sort", descending ? "descending" : "ascending");
			else
				head.removeAttribute("aria-sort");
		});
		select.value = i;
	}

	heads.forEach((head, i) => {
		const text = head.textContent;
		select.append(element("option", { value: i }, text));
		/* the first click shows what is looked for: large numbers, or the beginning */
		head.replaceChildren(button(text, () => {
			const now = head.getAttribute("aria-sort");
			sort(i, now ? now === "ascending" : head.dataset.sort === "number");
		}, "sort"));
	});
	select.addEventListener("change", () => sort(Number(select.value),
		heads[select.value].dataset.sort === "number"));
	heads[0].setAttribute("aria-sort", "ascending");
}

const contains = (row, words) => {
	row.words ??= row.textContent.toLowerCase();
	return words.every((word) => row.words.includes(word));
};
const words = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);

function packageTable() {
	const table = byId("package-table"), input = byId("filter-packages");
	const rows = [...table.tBodies[0].rows], only = byId("only-findings");

	function filter() {
		const wanted = words(input);
		let n = 0;
		for (const row of rows) {
			row.hidden = !contains(row, wanted) ||
				(only.checked && row.cells[4].dataset.v === "0");
			n += !row.hidden;
		}
		byId("count-packages").textContent = n === rows.length ?
			plural(n, "package", "packages") : n + " of " + plural(rows.length, "package", "packages");
	}

	sortable(table, byId("sort-packages"));
	input.addEventListener("input", filter);
	only.addEventListener("change", filter);
	filter();
}

/* Long groups show their beginning. */
const FEW = 6;

function shorten(body) {
	const rows = [...body.rows].slice(1);
	if (rows.length <= FEW + 2)
		return;
	const rest = rows.slice(FEW);
	const more = element("tr", { class: "more" }, element("td", { colspan: body.rows[0].cells[0].colSpan }));
	const show = (on) => rest.forEach((row) => row.classList.toggle("beyond", !on));
	const b = button("Show " + rest.length + " more", () => {
		show(true);
		more.remove();
		rest[0].tabIndex = -1;
		rest[0].focus();
	});
	more.cells[0].append(b);
	show(false);
	body.append(more);
}

function findings() {
	const list = byId("findings-list"), input = byId("filter-findings");
	const bodies = [...list.querySelectorAll("tbody")];
	const rows = [...list.querySelectorAll("tbody tr:not(.rule)")];
	if (!rows.length) {
		input.closest(".tools").remove();
		return;
	}

	function filter() {
		const wanted = words(input);
		let n = 0;
		list.querySelectorAll(".more").forEach((row) => row.remove());
		for (const body of bodies) {
			const [rule, ...own] = body.rows;
			let any = false;
			for (const row of own) {
				row.words ??= (rule.textContent + " " + row.textContent).toLowerCase();
				row.hidden = !contains(row, wanted);
				row.classList.remove("beyond");
				any ||= !row.hidden;
				n += !row.hidden;
			}
			body.hidden = !any;
			if (!wanted.length)
				shorten(body);
		}
		for (const section of list.querySelectorAll("section"))
			section.hidden = section.querySelector("tbody") && !section.querySelector("tbody:not([hidden])");
		byId("count-findings").textContent = wanted.length ?
			n + " of " + plural(rows.length, "finding", "findings") : "";
	}

	input.addEventListener("input", filter);
	filter();
}

for (const tools of document.querySelectorAll(".tools"))
	tools.hidden = false;
findings();
packageTable();
for (const body of document.querySelectorAll("#source-table tbody"))
	shorten(body);
