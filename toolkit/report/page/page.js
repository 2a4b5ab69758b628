"use strict";
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
