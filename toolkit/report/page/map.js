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
function byPackage(directories) {
	const root = { name: "", bytes: directories.bytes, files: directories.files, children: [] }, tops = new Map();

	function place(node) { /* where children of a directory go, for each package */
		const own = new Map();
		for (const child of node.children) {
			const parts = child.children ? place(child) : new Map([[child.owner, { ...child }]]);
			for (const [owner, part] of parts) {
				if (!own.has(owner))
					own.set(owner, { name: node.name, bytes: 0, files: 0, children: [] });
				const directory = own.get(owner);
				part.parent = directory;
				directory.children.push(part);
				directory.bytes += part.bytes;
				directory.files += part.files;
			}
		}
		for (const directory of own.values())
			directory.children.sort((a, b) => b.bytes - a.bytes);
		return own;
	}

	for (const [owner, top] of place(directories)) {
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
		this.trees.directory = treeOf(data.tree, null);
		this.trees.package = byPackage(this.trees.directory);
		byId("map").hidden = false;
		byId("directories").open = false;
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

	/* Directories with nothing else in them are passed through. */
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
			share(node.bytes, this.trees.directory.bytes) + " of all" +
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

	/* "lib/systemd": a directory with those that are all it has. */
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

map.start();
