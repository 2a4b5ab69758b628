// SPDX-License-Identifier: MIT
// node check.js CASE REPORT.html [PICTURE.png]: one case of the report in Debian's chromium. Says what is wrong, exit code 1.
// HULL_CHROMIUM: another browser. The case "picture" only makes one, of the place that HASH names ("phone", "dark": how).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

const [name, file, picture, ...how] = process.argv.slice(2);
const url = "file://" + resolve(file);
const wrong = [];
const PHONE = { width: 390, height: 844 }, DESK = { width: 1280, height: 900 };

function check(what, ok) {
	if (!ok)
		wrong.push(what);
}
function same(what, is, wanted) {
	const [a, b] = [JSON.stringify(is), JSON.stringify(wanted)];
	check(`${what}: ${a}, expected ${b}`, a === b);
}

const browser = await chromium.launch({
	executablePath: process.env.HULL_CHROMIUM || "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync"],
});

/* A page that must neither complain nor ask for anything but itself. */
async function open(options = {}) {
	const context = await browser.newContext({ viewport: DESK, ...options });
	const page = await context.newPage();
	page.setDefaultTimeout(15000);
	page.on("console", (m) => ["error", "warning"].includes(m.type()) && wrong.push("console: " + m.text()));
	page.on("pageerror", (e) => wrong.push("error: " + e.message));
	page.on("dialog", (d) => {
		wrong.push("dialog: " + d.message());
		d.dismiss();
	});
	page.on("request", (r) => r.url().split("#")[0] !== url && !r.url().startsWith("data:") && wrong.push("request: " + r.url()));
	await page.goto(url);
	return page;
}

const rows = (page) => page.locator("#package-table tbody tr:visible");
const column = (page, n) => page.$$eval("#package-table tbody tr", (all, i) =>
	all.filter((r) => !r.hidden).map((r) => r.cells[i].dataset.v ?? r.cells[i].textContent), n);
const focused = (page) => page.evaluate(() => document.activeElement.getAttribute("aria-label") || "");
const here = (page) => page.textContent("#map-path [aria-current]");

/* What axe calls serious or critical. */
async function axe(page, what) {
	await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
	const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
	for (const v of found.violations)
		if (["serious", "critical"].includes(v.impact))
			wrong.push(`${what}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
	check("axe ran", found.violations && found.testEngine.name === "axe-core");
}

const cases = {
	async sort(page) {
		await page.click("#package-table thead button:text('Size')");
		same("aria-sort", await page.getAttribute("#package-table th:has(button:text('Size'))", "aria-sort"), "descending");
		const down = (await column(page, 2)).map(Number);
		check("there are sizes", down.length > 2 && down[0] > 0);
		same("sizes", down, [...down].sort((a, b) => b - a));
		await page.focus("#package-table thead button:text('Size')");
		await page.keyboard.press("Enter");
		same("sizes again", (await column(page, 2)).map(Number), [...down].reverse());
		await page.click("#package-table thead button:text('Name')");
		const names = await column(page, 0);
		same("names", names, [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true, sensitivity: "base" })));
		same("one column is sorted", await page.locator("#package-table th[aria-sort]").count(), 1);
	},

	async filter(page) {
		const all = await rows(page).count(), first = (await column(page, 0))[1];
		await page.fill("#filter-packages", first.toUpperCase());
		const some = await column(page, 0);
		check("the filter finds " + first, some.includes(first) && some.length < all);
		same("count", await page.textContent("#count-packages"), `${some.length} of ${all} packages`);
		await page.fill("#filter-packages", "no such thing");
		same("nothing", await rows(page).count(), 0);
		await page.fill("#filter-packages", "");
		same("everything", await rows(page).count(), all);
		await page.check("#only-findings");
		check("only with findings", (await column(page, 4)).every((n) => n > 0) && await rows(page).count() > 0);
	},

	async findings(page) {
		const visible = () => page.locator("#findings-list tbody tr:not(.rule):not(.more):visible").count();
		const all = await visible();
		check("there are findings", all > 0);
		const object = await page.textContent("#findings-list tbody tr:not(.rule) code >> nth=0");
		await page.fill("#filter-findings", object);
		check("the filter leaves some", await visible() > 0 && await visible() < all);
		check("what it leaves has the words", (await page.locator("#findings-list tbody tr:not(.rule):visible").allTextContents())
			.every((t) => t.includes(object)));
		await page.fill("#filter-findings", "");
		same("all again", await visible(), all);
		const more = page.locator("#findings-list .more button");
		for (let n = await more.count(); n > 0; n--)
			await more.first().click();
		same("nothing is left out", await visible(), await page.locator("#findings-list tbody tr:not(.rule)").count());
		for (const link of await page.locator(".severities a").all())
			same("target of " + await link.textContent(),
				await page.locator(await link.getAttribute("href")).count(), 1);
	},

	async open(page) {
		const some = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent).packages.findIndex((p) => p.requires.length));
		const link = page.locator(`#p${some} th a`), text = await link.textContent();
		await link.click();
		same("package", await page.textContent("#package-name"), text);
		same("focus", await page.evaluate(() => document.activeElement.id), "package-view");
		check("in sight", await page.evaluate(() => document.getElementById("package-name").getBoundingClientRect().top < innerHeight));
		check("sources", (await page.textContent("#package-view")).includes("Source"));
		const other = page.locator("#package-view .lists a >> nth=0"), next = await other.textContent();
		await other.click();
		same("the next package", await page.textContent("#package-name"), next);
		await page.goBack();
		same("back", await page.textContent("#package-name"), text);
		const hash = await page.evaluate(() => location.hash);
		await page.goto("about:blank");
		await page.goto(url + hash);
		same("by address", await page.textContent("#package-name"), text);
	},

	async map(page) {
		same("top", await here(page), "all packages");
		await page.focus("#map-drawing [role=button][tabindex='0']");
		const first = await focused(page);
		await page.keyboard.press("ArrowRight");
		check("the arrow moves", await focused(page) !== first && await focused(page) !== "");
		await page.keyboard.press("ArrowLeft");
		await page.keyboard.press("Home");
		same("home", await focused(page), first);
		await page.keyboard.press("Enter");
		check("Enter zooms: " + await here(page), await here(page) !== "all packages");
		same("the path has it", await page.locator("#map-path button >> nth=0").textContent(), "all packages");
		check("the focus stays in the map", await page.evaluate(() => !!document.activeElement.closest("#map-drawing")));
		await page.click("#map-table summary");
		await page.locator("#map-table tbody tr >> nth=0").waitFor({ state: "attached" }); // filled when it opens
		check("the table has it too", await page.locator("#map-table tbody tr").count() > 0);
		await page.focus("#map-drawing [role=button][tabindex='0']");
		await page.keyboard.press("Escape");
		same("Escape goes back", await here(page), "all packages");
		same("to where it was", await focused(page), first);
		await page.locator("#map-drawing [role=button] >> nth=0").click({ position: { x: 5, y: 5 } });
		check("a click zooms", await here(page) !== "all packages");
		await page.click("#map-path button >> nth=0");
		same("the path goes back", await here(page), "all packages");
		await page.check("input[name=map-by][value=directory]");
		check("by directory", (await page.locator("#map-drawing [role=button]").evaluateAll((all) => all.map((g) => g.getAttribute("aria-label")))).length > 0);
		/* areas are as the bytes */
		const cells = await page.evaluate(() => [...document.querySelectorAll("#map-drawing [role=button] > rect:not(.ring)")].map((r) =>
			Number(r.getAttribute("width")) * Number(r.getAttribute("height"))));
		check("sorted areas", cells.every((a, i) => i === 0 || a <= cells[i - 1] * 1.0001));
	},

	async graph(page) {
		const most = await page.evaluate(() => {
			const data = JSON.parse(document.getElementById("data").textContent).packages;
			return data.reduce((best, p, i) => p.requires.length > data[best].requires.length ? i : best, 0);
		});
		await page.selectOption("#choose-package", String(most));
		await page.selectOption("#choose-steps", "1");
		const data = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent).packages);
		const wanted = [most, ...data[most].requires, ...data.flatMap((p, i) => p.requires.includes(most) ? [i] : [])];
		const shown = await page.$$eval(".graph a", (all) => all.map((a) => Number(a.getAttribute("href").slice(2))));
		same("nodes", [...new Set(shown)].sort((a, b) => a - b), [...new Set(wanted)].sort((a, b) => a - b).slice(0, shown.length));
		check("edges", await page.locator(".graph path").count() >= data[most].requires.length);
		const to = data[most].requires[0];
		await page.locator(`.graph a[href='#p${to}']`).focus();
		await page.keyboard.press("Enter");
		same("a node is a link", await page.textContent("#package-name"), data[to].name);
	},

	async phone() {
		const page = await open({ viewport: PHONE, isMobile: true, hasTouch: true });
		for (const id of ["", "size", "packages", "dependencies", "difference"]) {
			await page.evaluate((at) => at && document.getElementById(at)?.scrollIntoView(), id);
			same("width at #" + id, await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
		}
		await page.selectOption("#sort-packages", { label: "Size" });
		const down = (await column(page, 2)).map(Number);
		same("sorted without heads", down, [...down].sort((a, b) => b - a));
		await axe(page, "phone");
	},

	async accessible(page) {
		await axe(page, "light");
		await page.click("#map-table summary");
		await page.click("#directories summary");
		await page.click("#dependency-table summary");
		await axe(page, "open");
		await axe(await open({ colorScheme: "dark" }), "dark");
		for (const what of ["header", "main", "footer", "nav[aria-label=Sections]", "h1"])
			same(what, await page.locator(what).count(), 1);
		same("tables have captions", await page.locator("table:not(:has(caption))").count(), 0);
		await page.keyboard.press("Tab");
		await page.evaluate(() => document.activeElement.blur());
	},

	async plain() {
		const page = await open({ javaScriptEnabled: false });
		const text = await page.locator("body").innerText();
		for (const part of ["Findings", "Packages", "Dependencies", "Directories as a table", "Required by"])
			check("without JavaScript: " + part, text.includes(part));
		check("rows", await page.locator("#package-table tbody tr:visible").count() > 2);
		check("directories", await page.locator("#directories tbody tr:visible").count() > 0);
		check("dependencies", await page.locator("#dependency-table tbody tr:visible").count() > 2);
		same("no controls", await page.locator("button:visible, input:visible, select:visible").count(), 0);
	},

	async printed(page) {
		await page.fill("#filter-packages", "");
		await page.emulateMedia({ media: "print", colorScheme: "dark" });
		same("no controls", await page.locator(".tools:visible, body > nav:visible").count(), 0);
		same("paper is white", await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
		check("all findings", await page.$$eval("#findings-list tbody tr:not(.rule):not(.more)", (all) => all.every((r) => r.checkVisibility())));
		check("closed parts are open", await page.$$eval("#directories tbody tr, #dependency-table tbody tr", (all) =>
			all.length > 0 && all.every((r) => r.checkVisibility({ contentVisibilityAuto: true }) && r.getBoundingClientRect().height > 0)));
		check("the map is drawn", await page.locator("#map-drawing svg:visible").count() === 1);
		const pdf = await page.pdf({ format: "A4", ...(picture ? { path: picture } : {}) });
		check("pages", pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 10000);
	},

	/* of an image whose names are markup and scripts that would set window.owned */
	async hostile(page) {
		await page.click("#map-table summary");
		for (const radio of ["directory", "package"]) {
			await page.check(`input[name=map-by][value=${radio}]`);
			/* down to the files, past every name */
			for (const step of ["usr", "hostile", "<img"]) {
				for (const g of await page.locator("#map-drawing [role=button]").all())
					await g.focus();
				const cell = page.locator("#map-drawing").getByRole("button", { name: new RegExp("^" + step) }).first();
				if (await cell.count()) {
					await cell.focus();
					await page.keyboard.press("Enter");
				}
			}
			check("zoomed into a hostile directory by " + radio, (await here(page)).startsWith("<img"));
			await page.keyboard.press("Enter");
		}
		for (let i = 0; i < await page.locator("#choose-package option").count(); i++)
			await page.selectOption("#choose-package", { index: i });
		await page.hover("#package-table tbody tr >> nth=0");
		await page.waitForTimeout(300);
		same("owned", await page.evaluate(() => String(window.owned)), "undefined");
		same("strange elements", await page.locator("img, iframe, object, embed, base, body style, marquee, main script, main meta, a[href^='javascript'], [onerror], [onload], [onclick], [onmouseover], [onfocus]").count(), 0);
		same("scripts", await page.locator("script").count(), 2);
		check("the names are shown as they are", (await page.textContent("body")).includes("<img src=x onerror="));
		check("what hides is made visible", (await page.textContent("main")).includes("\\u202e"));
	},

	async difference(page) {
		const text = await page.locator("section[aria-labelledby=difference]").innerText();
		for (const part of how)
			check("the difference has " + part, text.includes(part));
		same("in the navigation", await page.locator("nav a[href='#difference']").count(), 1);
	},

	async picture() {
		const at = how.find((h) => h.startsWith("#"));
		const page = await open({
			viewport: how.includes("phone") ? PHONE : DESK, deviceScaleFactor: how.includes("phone") ? 2 : 1,
			colorScheme: how.includes("dark") ? "dark" : "light",
		});
		if (at)
			await page.locator(at).evaluate((e) => e.scrollIntoView());
		await page.screenshot({ path: picture });
	},
};

try {
	if (!cases[name])
		throw new Error("no case " + name);
	await cases[name](["phone", "plain", "picture"].includes(name) ? null : await open());
} catch (e) {
	wrong.push(String(e.message || e));
}
await browser.close();
for (const w of wrong)
	console.log(`${name}: ${w}`);
process.exit(wrong.length ? 1 : 0);
