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
			add("License", cells[5].textContent);
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

if (packages.length)
	view.start();
