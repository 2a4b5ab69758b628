
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const packages = data.packages;
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

/* --- making elements: text is only ever set as text ------------------------------------------ */

function element(name, attributes, ...children) {
	const e = document.createElement(name);
	for (const [key, value] of Object.entries(attributes || {}))
		e.setAttribute(key, value);
	e.append(...children);
	return e;
}

function drawing(name, attributes, ...children) {
	const e = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes || {}))
		e.setAttribute(key, value);
	e.append(...children);
	return e;
}

function button(text, action, className) {
	const b = element("button", { type: "button", class: className || "plain" }, text);
	b.addEventListener("click", action);
	return b;
}

function size(bytes) {
	const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
	let u = 0;
	while (bytes >= 999.5 && u + 1 < units.length) {
		bytes /= 1000;
		u++;
	}
	return bytes.toFixed(u && bytes < 99.95 ? 1 : 0) + " " + units[u];
}

const share = (part, whole) => (whole ? (100 * part / whole).toFixed(1) : "0.0") + " %";
const number = (n) => n.toLocaleString("en").replaceAll(",", "\u202f");
const plural = (n, one, many) => number(n) + " " + (n === 1 ? one : many);
const ruler = document.createElement("canvas").getContext("2d");

/* What of a text fits into so many pixels; "" if it is not worth showing. */
function fit(text, pixels, font) {
	ruler.font = font + " " + getComputedStyle(document.body).fontFamily;
	if (ruler.measureText(text).width <= pixels)
		return text;
	let low = 0, high = text.length;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (ruler.measureText(text.slice(0, middle) + "…").width <= pixels)
			low = middle;
		else
			high = middle - 1;
	}
	return low < 4 ? "" : text.slice(0, low) + "…";
}

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

/* --- the files as trees ---------------------------------------------------------------------- */

/* { name, bytes, files, owner (of a file), children, parent } */
function treeOf(raw, parent) {
	const node = { name: raw[0], parent, bytes: 0, files: 0 };
	if (Array.isArray(raw[1])) {
		node.children = raw[1].map((child) => treeOf(child, node));
		for (const child of node.children) {
			node.bytes += child.bytes;
			node.files += child.files;
		}
		node.children.sort((a, b) => b.bytes - a.bytes);
	} else {
		node.bytes = raw[1];
		node.owner = raw[2];
		node.files = typeof raw[0] === "number" ? raw[0] : 1;
		if (typeof raw[0] === "number") {
			node.name = raw[0] === 1 ? "a smaller file" : number(raw[0]) + " smaller files";
			node.rest = true;
		}
	}
	return node;
}

/* The same files, by package first. */
function byPackage(folders) {
	const root = { name: "", bytes: folders.bytes, files: folders.files, children: [] }, tops = new Map();

	function place(node) { /* where children of a folder go, for each package */
		const own = new Map();
		for (const child of node.children) {
			const parts = child.children ? place(child) : new Map([[child.owner, { ...child }]]);
			for (const [owner, part] of parts) {
				if (!own.has(owner))
					own.set(owner, { name: node.name, bytes: 0, files: 0, children: [] });
				const folder = own.get(owner);
				part.parent = folder;
				folder.children.push(part);
				folder.bytes += part.bytes;
				folder.files += part.files;
			}
		}
		for (const folder of own.values())
			folder.children.sort((a, b) => b.bytes - a.bytes);
		return own;
	}

	for (const [owner, top] of place(folders)) {
		top.name = owner < 0 ? "in no package" : packages[owner].name;
		top.package = owner;
		top.parent = root;
		tops.set(owner, top);
	}
	root.children = [...tops.values()].sort((a, b) => b.bytes - a.bytes);
	return root;
}

/* --- map of sizes: squarified treemap -------------------------------------------------------- */

/* Places nodes in a rectangle so that areas are as their bytes and sides as equal as can be. */
function squarify(nodes, x, y, w, h) {
	const out = [];
	let left = nodes.filter((n) => n.bytes > 0), bytes = left.reduce((sum, n) => sum + n.bytes, 0);
	const scale = bytes ? w * h / bytes : 0;

	while (left.length) {
		const side = Math.min(w, h);
		let n = 0, area = 0, best = Infinity, smallest = Infinity, largest = 0;
		for (; n < left.length; n++) {
			const a = left[n].bytes * scale, sum = area + a;
			const low = Math.min(smallest, a), high = Math.max(largest, a);
			const worst = Math.max(side * side * high / (sum * sum), sum * sum / (side * side * low));
			if (worst > best)
				break;
			best = worst;
			area = sum;
			smallest = low;
			largest = high;
		}
		const thick = side ? area / side : 0;
		let at = 0;
		for (const node of left.slice(0, n)) {
			const length = thick ? node.bytes * scale / thick : 0;
			out.push(w >= h ? { node, x, y: y + at, w: thick, h: length } :
				{ node, x: x + at, y, w: length, h: thick });
			at += length;
		}
		if (w >= h) {
			x += thick;
			w -= thick;
		} else {
			y += thick;
			h -= thick;
		}
		left = left.slice(n);
	}
	return out;
}

const map = {
	trees: {}, by: "package", at: null, width: 0,

	start() {
		this.trees.folder = treeOf(data.tree, null);
		this.trees.package = byPackage(this.trees.folder);
		byId("map").hidden = false;
		byId("folders").open = false;
		for (const radio of document.querySelectorAll("input[name=map-by]"))
			radio.addEventListener("change", () => {
				this.by = radio.value;
				this.go(this.trees[this.by]);
			});
		byId("map-table").addEventListener("toggle", () => this.table());
		new ResizeObserver(() => {
			if (byId("map-drawing").clientWidth !== this.width)
				this.draw();
		}).observe(byId("map-drawing"));
		document.querySelector("input[name=map-by][value=package]").checked = true;
		this.go(this.trees.package);
	},

	/* Folders with nothing else in them are passed through. */
	inner(node) {
		while (node.children && node.children.length === 1 && node.children[0].children)
			node = node.children[0];
		return node;
	},

	go(node, focusOn) {
		this.at = this.inner(node);
		this.path();
		this.draw();
		this.table();
		this.about(this.at);
		if (focusOn !== undefined)
			this.focus(focusOn);
	},

	open(node) {
		if (node.children)
			this.go(node, 0);
		else
			this.about(node);
	},

	up() {
		let from = this.at, to = from.parent;
		while (to && to.parent && this.inner(to) !== to) {
			from = to;
			to = to.parent;
		}
		if (!to)
			return;
		this.go(to);
		this.focus(Math.max(0, this.cells.findIndex((c) => this.holds(c.node, from))));
	},

	holds(node, inside) {
		for (; inside; inside = inside.parent)
			if (inside === node)
				return true;
		return false;
	},

	title(node) {
		return node.parent ? node.name : this.by === "package" ? "all packages" : "/";
	},

	fullPath(node) {
		const names = [];
		for (; node && node.parent && node.package === undefined; node = node.parent)
			names.unshift(node.name);
		return "/" + names.join("/");
	},

	path() {
		const list = byId("map-path"), steps = [];
		for (let n = this.at; n; n = n.parent)
			steps.unshift(n);
		list.replaceChildren(...steps.map((n) => n === this.at ?
			element("li", {}, element("span", { "aria-current": "location" }, this.title(n))) :
			element("li", {}, button(this.title(n), () => this.go(n, 0)))));
	},

	about(node) {
		const p = byId("map-about"), top = node.package !== undefined ? node.package : node.owner;
		const name = node.package === undefined && node.parent ? this.fullPath(node) : this.title(node);
		p.replaceChildren(name + ": " + size(node.bytes) + ", " +
			share(node.bytes, this.trees.folder.bytes) + " of all" +
			(node.files === 1 ? "" : ", " + number(node.files) + " files"));
		if (top >= 0)
			p.append(node.package === undefined ? ", of " : "; ",
				packageLink(top, node.package === undefined ? undefined : "what it is and needs"));
		if (node === this.at && !node.parent)
			p.append(". Arrow keys move in the map, Enter opens, Escape goes back.");
	},

	label(node) {
		return this.title(node) + ", " + size(node.bytes) + ", " + share(node.bytes, this.at.bytes) +
			(node.children ? "" : ", file");
	},

	draw() {
		const holder = byId("map-drawing"), w = holder.clientWidth || 960;
		const h = Math.round(Math.max(w < 600 ? 420 : 320, Math.min(w * 0.5, 560)));
		const had = holder.contains(document.activeElement);
		this.width = holder.clientWidth;
		this.cells = squarify(this.at.children || [this.at], 0, 0, w, h);
		const svg = drawing("svg", { viewBox: "0 0 " + w + " " + h, role: "group",
			"aria-label": "Map of " + this.title(this.at) + ", " + size(this.at.bytes) +
				". The table below has the same figures." });
		/* many small ones are one spot for the eye, and stay in the table */
		this.cells = this.cells.filter((c) => c.w >= 2 && c.h >= 2);
		this.cells.forEach((c, i) => svg.append(this.cell(c, i)));
		this.cells.forEach((c, i) => svg.append(this.content(c, i)));
		holder.replaceChildren(svg);
		if (had)
			this.focus(0);
	},

	cell(c, i) {
		const g = drawing("g", { role: "button", tabindex: i ? -1 : 0, "aria-label": this.label(c.node) });
		g.style.setProperty("--hue", this.hue(i));
		if (!c.node.children)
			g.setAttribute("class", "leaf");
		g.append(drawing("title", {}, this.label(c.node)),
			drawing("rect", { x: c.x, y: c.y, width: c.w, height: c.h }));
		g.append(drawing("rect", { class: "ring", x: c.x + 1.5, y: c.y + 1.5,
			width: Math.max(0, c.w - 3), height: Math.max(0, c.h - 3) }));
		g.addEventListener("click", () => this.open(c.node));
		g.addEventListener("focus", () => {
			this.current = i;
			this.about(c.node);
		});
		g.addEventListener("keydown", (event) => this.key(event, i));
		c.g = g;
		return g;
	},

	hue(i) {
		const hues = [250, 145, 75, 320, 195, 30, 285, 110];
		return hues[i % hues.length];
	},

	/* What is seen in a cell and not spoken. */
	content(c, i) {
		const g = drawing("g", { class: "content", "aria-hidden": "true" });
		const nested = c.node.children && c.w > 40 && c.h > 44;
		g.style.setProperty("--hue", this.hue(i));
		if (nested)
			this.inside(g, c.node, c.x + 3, c.y + 18, c.w - 6, c.h - 21, 1);
		this.caption(g, c, nested);
		return g;
	},

	/* Name and size: beside each other over what is nested, else below each other. */
	caption(g, c, nested) {
		const bytes = size(c.node.bytes), name = this.title(c.node);
		const at = (x, y, pixels, text, className) => g.append(drawing("text",
			{ x, y, "font-size": pixels, class: className }, text));
		const shown = c.h >= 16 && c.w >= 26 ? fit(name, c.w - 8, "12px") : "";
		if (!shown)
			return;
		at(c.x + 5, c.y + 13, 12, shown, "");
		if (nested && fit(name + "    " + bytes, c.w - 12, "12px") === name + "    " + bytes)
			at(c.x + c.w - 5, c.y + 13, 11, bytes, "right");
		else if (!nested && c.h >= 32 && fit(bytes, c.w - 8, "11px") === bytes)
			at(c.x + 5, c.y + 28, 11, bytes, "");
	},

	/* What is in a cell, some steps deep, only to be seen. */
	inside(g, node, x, y, w, h, depth) {
		const group = drawing("g", { class: "inner" });
		for (const s of squarify(this.inner(node).children, x, y, w, h)) {
			if (s.w < 3 || s.h < 3)
				continue;
			group.append(drawing("rect", { x: s.x, y: s.y, width: s.w, height: s.h }));
			const name = s.h >= 15 && s.w >= 34 ? fit(this.through(s.node), s.w - 8, "11px") : "";
			if (name)
				group.append(drawing("text", { x: s.x + 4, y: s.y + 12, "font-size": 11 }, name));
			if (s.node.children && depth < 3 && s.w > 60 && s.h > 50)
				this.inside(group, s.node, s.x + 3, s.y + 16, s.w - 6, s.h - 19, depth + 1);
		}
		g.append(group);
	},

	/* "lib/systemd": a folder with those that are all it has. */
	through(node) {
		let name = node.name;
		for (const end = this.inner(node); node !== end; name += "/" + node.name)
			node = node.children[0];
		return name;
	},

	focus(i) {
		if (!this.cells.length)
			return;
		this.cells.forEach((c, n) => c.g.setAttribute("tabindex", n === i ? 0 : -1));
		this.cells[i].g.focus({ preventScroll: true });
	},

	key(event, i) {
		const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
		if (event.key === "Enter" || event.key === " ")
			this.open(this.cells[i].node);
		else if (event.key === "Escape" || event.key === "Backspace")
			this.up();
		else if (event.key === "Home" || event.key === "End")
			this.focus(event.key === "Home" ? 0 : this.cells.length - 1);
		else if (steps[event.key])
			this.focus(this.near(i, ...steps[event.key]));
		else
			return;
		event.preventDefault();
	},

	/* The nearest cell whose middle lies in that direction. */
	near(i, dx, dy) {
		const middle = (c) => [c.x + c.w / 2, c.y + c.h / 2], [x, y] = middle(this.cells[i]);
		let best = i, least = Infinity;
		this.cells.forEach((c, n) => {
			const [cx, cy] = middle(c), along = (cx - x) * dx + (cy - y) * dy;
			const across = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx);
			if (n !== i && along > 0.5 && along + 2 * across < least) {
				best = n;
				least = along + 2 * across;
			}
		});
		return best;
	},

	table() {
		const MOST = 200, details = byId("map-table"), nodes = this.at.children || [this.at];
		if (!details.open)
			return;
		const rows = nodes.slice(0, MOST).map((n) => element("tr", {},
			element("th", { scope: "row" }, n.children ? button(this.title(n), () => this.go(n)) : this.title(n)),
			element("td", { class: "n" }, size(n.bytes)),
			element("td", { class: "n" }, share(n.bytes, this.at.bytes))));
		if (nodes.length > MOST)
			rows.push(element("tr", {}, element("td", { colspan: 3 }, nodes.length - MOST + " smaller ones")));
		details.querySelector("tbody").replaceChildren(...rows);
	},
};

/* --- one package and its dependencies -------------------------------------------------------- */

const requiredBy = packages.map(() => []);
packages.forEach((p, i) => p.requires.forEach((to) => requiredBy[to].push(i)));

const packageLink = (i, text) => element("a", { href: "#p" + i }, text || packages[i].name);

/* Steps of the reason, from what was asked for to the package. */
function chain(i) {
	const steps = [], seen = new Set();
	for (; i !== undefined && !seen.has(i); i = packages[i].by) {
		seen.add(i);
		steps.unshift(i);
	}
	return steps;
}

const graph = {
	MOST: 24, /* of a layer; the lists below have all */

	/* Packages at 1, 2, ... steps along `next`. */
	layers(from, next, steps) {
		const seen = new Set([from]), layers = [];
		let last = [from];
		for (let n = 0; n < steps; n++) {
			const layer = [];
			for (const i of last)
				for (const k of next(i))
					if (!seen.has(k)) {
						seen.add(k);
						layer.push(k);
					}
			if (!layer.length)
				break;
			layers.push(layer);
			last = layer;
		}
		return layers;
	},

	/* The largest stay when there are too many; those near their neighbours come together. */
	arrange(layers, from, next, reason) {
		let places = new Map([[from, 0]]);
		return layers.map((layer) => {
			const kept = [...layer].sort((a, b) => reason.has(b) - reason.has(a) ||
				packages[b].bytes - packages[a].bytes).slice(0, this.MOST);
			const place = (i) => {
				const near = [...places.keys()].filter((k) => next(k).includes(i));
				return near.reduce((sum, k) => sum + places.get(k), 0) / (near.length || 1);
			};
			const ordered = kept.map((i) => [place(i), packages[i].name, i])
				.sort((a, b) => a[0] - b[0] || collator.compare(a[1], b[1])).map((o) => o[2]);
			places = new Map(ordered.map((i, n) => [i, n]));
			return { packages: ordered, more: layer.length - kept.length };
		});
	},

	draw(chosen, steps, width) {
		const up = (i) => requiredBy[i], down = (i) => packages[i].requires;
		const reason = new Set(chain(chosen));
		const before = this.arrange(this.layers(chosen, up, steps), chosen, up, reason);
		const after = this.arrange(this.layers(chosen, down, steps), chosen, down, reason);
		const layers = [...before.reverse(), { packages: [chosen], more: 0 }, ...after];
		const middle = before.length;
		const names = layers.map((l, n) => n === middle ? "" :
			(n < middle ? "requires it" : "it requires") +
			(Math.abs(n - middle) > 1 ? ", " + Math.abs(n - middle) + " steps" : ""));
		return width < 620 ? this.rows(layers, names, middle, reason, width) :
			this.columns(layers, names, middle, reason, width);
	},

	columns(layers, names, middle, reason, width) {
		const h = 24, line = 30, top = 26, places = new Map(), n = layers.length;
		const w = Math.max(110, Math.min(200, (width - 56 * (n - 1) - 4) / n));
		const gap = Math.max(56, Math.min(140, (width - 4 - n * w) / (n - 1 || 1)));
		const most = Math.max(...layers.map((l) => l.packages.length + (l.more ? 1 : 0)));
		const height = top + most * line + 4, svg = this.svg(Math.max(width, n * (w + gap) - gap + 4), height);
		layers.forEach((layer, k) => {
			const x = 2 + k * (w + gap);
			const own = layer.packages.length + (layer.more ? 1 : 0);
			let y = top + (most - own) * line / 2 * (own < most ? 1 : 0);
			svg.nodes.append(drawing("text", { class: "layer", x, y: 14 }, names[k]));
			for (const i of layer.packages) {
				places.set(i + "/" + k, { x, y, w, h });
				y += line;
			}
			if (layer.more)
				svg.nodes.append(drawing("text", { class: "layer", x, y: y + 16 }, "and " + layer.more + " more"));
		});
		this.edges(svg, layers, places, reason, (a, b) => {
			const x1 = a.x + a.w, y1 = a.y + a.h / 2, x2 = b.x, y2 = b.y + b.h / 2, bend = (x2 - x1) / 2;
			return "M" + x1 + " " + y1 + "C" + (x1 + bend) + " " + y1 + " " + (x2 - bend) + " " + y2 + " " + x2 + " " + y2;
		});
		this.nodes(svg, layers, places, middle, reason);
		return svg.svg;
	},

	rows(layers, names, middle, reason, width) {
		const across = 2, gap = 8, h = 26, line = 32, between = 34, places = new Map();
		const w = (width - 4 - gap * (across - 1)) / across;
		const svg = this.svg(width, 0);
		let y = 0;
		layers.forEach((layer, n) => {
			if (names[n])
				svg.nodes.append(drawing("text", { class: "layer", x: 2, y: y + 14 },
					names[n] + (layer.more ? ", and " + layer.more + " more" : "")));
			y += names[n] ? 22 : 0;
			layer.packages.forEach((i, k) => {
				const wide = layer.packages.length === 1;
				places.set(i + "/" + n, { x: 2 + (wide ? width / 4 - 2 : (k % across) * (w + gap)),
					y: y + Math.floor(k / across) * line, w, h });
			});
			y += Math.ceil(layer.packages.length / across) * line + between;
		});
		svg.svg.setAttribute("viewBox", "0 0 " + width + " " + (y - between + 2));
		this.edges(svg, layers, places, reason, (a, b) => {
			const x1 = a.x + a.w / 2, y1 = a.y + a.h, x2 = b.x + b.w / 2, y2 = b.y, bend = (y2 - y1) / 2;
			return "M" + x1 + " " + y1 + "C" + x1 + " " + (y1 + bend) + " " + x2 + " " + (y2 - bend) + " " + x2 + " " + y2;
		});
		this.nodes(svg, layers, places, middle, reason);
		return svg.svg;
	},

	svg(w, h) {
		const edges = drawing("g", { "aria-hidden": "true" }), nodes = drawing("g");
		const svg = drawing("svg", { viewBox: "0 0 " + w + " " + h, role: "group" }, edges, nodes);
		svg.style.setProperty("min-width", Math.min(w, 1400) + "px");
		return { svg, edges, nodes };
	},

	edges(svg, layers, places, reason, line) {
		for (let n = 0; n + 1 < layers.length; n++)
			for (const a of layers[n].packages)
				for (const b of layers[n + 1].packages) {
					if (!packages[a].requires.includes(b))
						continue;
					const path = drawing("path", { d: line(places.get(a + "/" + n), places.get(b + "/" + (n + 1))) });
					if (packages[b].by === a && reason.has(a) && reason.has(b))
						path.setAttribute("class", "reason");
					svg.edges.append(path);
				}
	},

	nodes(svg, layers, places, middle, reason) {
		layers.forEach((layer, n) => {
			for (const i of layer.packages) {
				const p = places.get(i + "/" + n), full = packages[i].name + ", " + size(packages[i].bytes);
				const a = drawing("a", { href: "#p" + i, "aria-label": full },
					drawing("title", {}, full),
					drawing("rect", { x: p.x, y: p.y, width: p.w, height: p.h, rx: 3 }),
					drawing("text", { x: p.x + 7, y: p.y + 16, "aria-hidden": "true" }, fit(packages[i].name, p.w - 14, "12px")));
				a.setAttribute("class", n === middle ? "chosen" : reason.has(i) && n < middle ? "reason" : "");
				if (n === middle)
					a.setAttribute("aria-current", "true");
				svg.nodes.append(a);
			}
		});
	},
};

const view = {
	chosen: -1,

	start() {
		const select = byId("choose-package");
		byId("package").hidden = false;
		byId("dependency-table").open = false;
		if (byId("package").clientWidth < 620)
			byId("choose-steps").value = 1;
		packages.forEach((p, i) => select.append(element("option", { value: i }, p.name)));
		select.addEventListener("change", () => this.choose(Number(select.value)));
		byId("choose-steps").addEventListener("change", () => this.redraw());
		document.addEventListener("click", (event) => {
			const a = event.target.closest && event.target.closest("a[href^='#p']");
			const i = a && this.index(a.getAttribute("href"));
			if (i === null || i === undefined || event.ctrlKey || event.metaKey || event.shiftKey)
				return;
			event.preventDefault();
			history.pushState(null, "", "#p" + i);
			this.show(i);
		});
		addEventListener("popstate", () => this.follow());
		new ResizeObserver(() => {
			if (this.holder && this.holder.clientWidth !== this.width)
				this.redraw();
		}).observe(byId("package-view"));
		this.choose(this.first());
		this.follow();
	},

	/* Something worth looking at: what most of the chains go through. */
	first() {
		let best = 0;
		const score = (i) => Math.min(requiredBy[i].length, 12) * Math.min(packages[i].requires.length, 12);
		packages.forEach((p, i) => {
			if (score(i) > score(best))
				best = i;
		});
		return best;
	},

	index(hash) {
		const m = /^#p(\d+)$/.exec(hash);
		return m && Number(m[1]) < packages.length ? Number(m[1]) : null;
	},

	follow() {
		const i = this.index(location.hash);
		if (i !== null)
			this.show(i);
	},

	show(i) {
		this.choose(i);
		byId("package-view").focus({ preventScroll: true });
		byId("dependencies").scrollIntoView({ block: "start" });
	},

	choose(i) {
		const p = packages[i], row = byId("p" + i), cells = row.cells;
		this.chosen = i;
		byId("choose-package").value = i;
		this.holder = element("div", { class: "graph", role: "region", tabindex: 0,
			"aria-label": "What requires " + p.name + " and what it requires" });
		const content = [
			element("h3", { id: "package-name" }, p.name),
			element("p", {}, p.summary || ""),
			this.facts(p, cells),
			...this.because(i),
			element("h4", {}, "Graph"), this.holder,
			element("div", { class: "lists" },
				this.list("Requires", p.requires), this.list("Required by", requiredBy[i])),
			...this.findings(i),
			...this.sources(cells[7]),
		];
		byId("package-view").replaceChildren(...content);
		this.redraw();
	},

	redraw() {
		this.width = this.holder.clientWidth;
		this.holder.replaceChildren(graph.draw(this.chosen, Number(byId("choose-steps").value), this.width || 900));
	},

	facts(p, cells) {
		const list = element("dl", { class: "facts" });
		const add = (name, ...value) => list.append(element("div", {},
			element("dt", {}, name), element("dd", {}, ...value)));
		add("Version", p.evr + (p.arch ? " (" + p.arch + ")" : ""));
		add("Size", cells[2].textContent + " in " + plural(Number(cells[3].dataset.v), "file", "files"));
		if (cells[5].textContent)
			add("Licence", cells[5].textContent);
		if (p.url)
			add("Home", /^https?:\/\//.test(p.url) ?
				element("a", { href: p.url, rel: "noopener noreferrer" }, p.url) : p.url);
		return list;
	},

	because(i) {
		const steps = chain(i), first = packages[steps[0]];
		if (!first.origin)
			return [];
		const items = steps.map((s, n) => n === 0 ?
			element("li", {}, packageLink(s), " is asked for in " + first.origin,
				first.want && first.want !== first.name ? " (as " + first.want + ")" : "") :
			element("li", {}, packageLink(steps[n - 1]), " requires ",
				...(packages[s].dep === packages[s].name ? [packageLink(s)] :
					[element("code", {}, packages[s].dep || ""), ", which is in ", packageLink(s)])));
		return [element("h4", {}, "Reason"), element("ul", { class: "because" }, ...items)];
	},

	list(title, indexes) {
		const sorted = [...indexes].sort((a, b) => collator.compare(packages[a].name, packages[b].name));
		return element("div", {}, element("h4", {}, title + " (" + sorted.length + ")"),
			sorted.length ? element("ul", {}, ...sorted.map((i) => element("li", {}, packageLink(i)))) :
				element("p", { class: "of" }, "nothing"));
	},

	findings(i) {
		const rows = document.querySelectorAll("#findings-list tr[data-p='" + i + "']");
		if (!rows.length)
			return [];
		const items = [...rows].slice(0, 50).map((row) => element("li", {},
			row.parentNode.rows[0].querySelector("code").cloneNode(true), " ",
			row.cells[0].querySelector("code").cloneNode(true), ": " + row.cells[1].firstChild.textContent + " ",
			element("span", { class: "of" }, "(" + row.closest("section").className + ")")));
		if (rows.length > items.length)
			items.push(element("li", {}, "and " + (rows.length - items.length) + " more"));
		return [element("h4", {}, "Findings (" + rows.length + ")"), element("ul", {}, ...items)];
	},

	sources(cell) {
		const title = element("h4", {}, "Source"), link = cell.querySelector("a");
		const body = link && byId(link.getAttribute("href").slice(1));
		if (!body)
			return [title, element("p", {}, cell.textContent)];
		const items = [...body.rows].filter((row) => !row.matches(".rule, .more")).map((row) =>
			element("li", {}, row.cells[0].textContent, element("code", {}, row.cells[1].textContent)));
		return [title, element("p", {}, cell.firstChild.textContent), element("ul", { class: "sources" }, ...items)];
	},
};

/* --- start ----------------------------------------------------------------------------------- */

for (const tools of document.querySelectorAll(".tools"))
	tools.hidden = false;
findings();
packageTable();
for (const body of document.querySelectorAll("#source-table tbody"))
	shorten(body);
map.start();
if (packages.length)
	view.start();
})();
