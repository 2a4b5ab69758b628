// SPDX-License-Identifier: MIT
// validate.js spdx|cyclonedx|bsi|provenance FILE, or: validate.js dsse ENVELOPE PUBLIC-KEY.pem, or: validate.js spdx3 FILE SCHEMA
// CycloneDX: the official schema, by CycloneDX's own library. SPDX and SLSA: no package of the registry has their
// schemas, so schemas of our own that allow just what hull writes, which is less than the official ones allow, and the
// rules that no schema can say. (OPERATING_SYSTEM: SPDX 2.3's schema has an underscore where its text has a dash.)
import { createPublicKey, constants, createHash, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { PackageURL } from 'packageurl-js';
import parseLicense from 'spdx-expression-parse';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { dsse } from '@sigstore/core';

const faults = [];
const fault = (text) => faults.push(text);

function schema(name, document) {
	const ajv = new Ajv({ allErrors: true, strict: false });
	addFormats(ajv);
	const check = ajv.compile(JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')));
	if (!check(document)) for (const e of check.errors.slice(0, 20)) fault(`${e.instancePath}: ${e.message}`);
}

function checkPurl(text, where) {
	try {
		const again = decodeURIComponent(PackageURL.fromString(text).toString());
		if (again !== decodeURIComponent(text)) fault(`${where}: ${text} is written ${again}`);
	} catch (e) {
		fault(`${where}: ${text}: ${e.message}`);
	}
}

function checkCpe(text, where) {
	if (!/^cpe:2\.3:[aho](:(\*|-|([a-z0-9._-]|\\[^\sa-z0-9])+)){10}$/.test(text)) fault(`${where}: no CPE: ${text}`);
}

function checkLicense(text, where, known) {
	try {
		parseLicense(text);
	} catch (e) {
		fault(`${where}: license ${text}: ${e.message}`);
	}
	for (const id of text.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? [])
		if (!known.has(id)) fault(`${where}: ${id} is not in the document`);
}

function spdx(d) {
	schema('spdx-2.3.schema.json', d);
	if (faults.length) return;
	const ids = new Set([d.SPDXID]);
	for (const x of [...d.packages, ...(d.files ?? [])]) {
		if (ids.has(x.SPDXID)) fault(`${x.SPDXID} comes twice`);
		ids.add(x.SPDXID);
	}
	const licenses = new Set((d.hasExtractedLicensingInfos ?? []).map((x) => x.licenseId));
	for (const p of d.packages) {
		if (p.licenseDeclared && p.licenseDeclared !== 'NOASSERTION') checkLicense(p.licenseDeclared, p.SPDXID, licenses);
		for (const r of p.externalRefs ?? []) (r.referenceType === 'purl' ? checkPurl : checkCpe)(r.referenceLocator, p.SPDXID);
	}
	const contained = new Map();
	for (const r of d.relationships) {
		for (const id of [r.spdxElementId, r.relatedSpdxElement]) if (!ids.has(id)) fault(`relationship with ${id}, which is not there`);
		if (r.spdxElementId === r.relatedSpdxElement) fault(`${r.spdxElementId} is related to itself`);
		if (r.relationshipType === 'CONTAINS') {
			if (!contained.has(r.spdxElementId)) contained.set(r.spdxElementId, []);
			contained.get(r.spdxElementId).push(r.relatedSpdxElement);
		}
	}
	if (!d.relationships.some((r) => r.relationshipType === 'DESCRIBES' && r.spdxElementId === d.SPDXID)) fault('nothing is described');
	const files = new Map((d.files ?? []).map((f) => [f.SPDXID, f.checksums[0].checksumValue]));
	for (const p of d.packages) {
		const own = (contained.get(p.SPDXID) ?? []).filter((id) => files.has(id)).map((id) => files.get(id)).sort();
		if (p.filesAnalyzed !== own.length > 0) fault(`${p.SPDXID}: filesAnalyzed is ${p.filesAnalyzed} with ${own.length} files`);
		if (own.length && createHash('sha1').update(own.join('')).digest('hex') !== p.packageVerificationCode.packageVerificationCodeValue)
			fault(`${p.SPDXID}: the verification code differs`);
	}
}

async function cyclonedx(d, text) {
	const error = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
	if (error) for (const e of [error].flat().slice(0, 20)) fault(JSON.stringify(e).slice(0, 300));
	const refs = new Set();
	const visit = (c) => {
		if (refs.has(c['bom-ref'])) fault(`bom-ref ${c['bom-ref']} comes twice`);
		refs.add(c['bom-ref']);
		if (c.purl) checkPurl(c.purl, c['bom-ref']);
		if (c.cpe) checkCpe(c.cpe, c['bom-ref']);
		for (const l of c.licenses ?? []) if (l.expression) parseLicense(l.expression);
		(c.components ?? []).forEach(visit);
	};
	visit(d.metadata.component);
	d.components.forEach(visit);
	const seen = new Set();
	for (const x of d.dependencies) {
		if (seen.has(x.ref)) fault(`dependencies of ${x.ref} come twice`);
		seen.add(x.ref);
		for (const ref of [x.ref, ...(x.dependsOn ?? [])]) if (!refs.has(ref)) fault(`dependency on ${ref}, which is not there`);
	}
}

// By the schema that SPDX makes of its model, and what a schema cannot say: each id comes once, and every reference leads to one.
function spdx3(d, schemaFile) {
	const ajv = new Ajv2020({ allErrors: true, strict: false });
	addFormats(ajv);
	const check = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
	if (!check(d)) for (const e of check.errors.slice(0, 20)) fault(`${e.instancePath}: ${e.message}`);
	const ids = new Set();
	for (const x of d['@graph']) {
		const id = x.spdxId ?? x['@id'];
		if (ids.has(id)) fault(`${id} comes twice`);
		ids.add(id);
	}
	const sbom = d['@graph'].find((x) => x.type === 'software_Sbom');
	for (const x of d['@graph']) {
		for (const id of [x.creationInfo, x.from, x.suppliedBy, ...(x.to ?? []), ...(x.element ?? []), ...(x.rootElement ?? []), ...(x.createdBy ?? [])])
			if (id && !ids.has(id)) fault(`${x.spdxId} leads to ${id}, which is not there`);
		if (x.spdxId && !['software_Sbom', 'SpdxDocument'].includes(x.type) && !sbom.element.includes(x.spdxId)) fault(`${x.spdxId} is not in the SBOM`);
		if (x.software_packageUrl) checkPurl(x.software_packageUrl, x.spdxId);
		if (x.simplelicensing_licenseExpression) checkLicense(x.simplelicensing_licenseExpression, x.spdxId, new Set(x.simplelicensing_licenseExpression.match(/LicenseRef-[A-Za-z0-9.-]+/g)));
		for (const i of x.externalIdentifier ?? []) checkCpe(i.identifier, x.spdxId);
	}
}

// BSI TR-03183-2 2.1.0, chapter 5.2: what has to be said of the SBOM and of each component.
function bsi(d) {
	const property = (c, name) => (c.properties ?? []).find((p) => p.name === `bsi:component:${name}`)?.value;
	const reachable = (o) => o?.url?.length || o?.contact?.some((x) => x.email);
	if (d.specVersion !== '1.6') fault(`CycloneDX ${d.specVersion}`);
	if (!d.metadata.timestamp) fault('no time');
	if (!reachable(d.metadata.manufacturer)) fault('nobody who made the SBOM, or no way to reach them');
	const check = (c) => {
		const at = c['bom-ref'];
		if (!c.name) fault(`${at}: no name`);
		if (!c.version) fault(`${at}: no version`);
		if (!reachable(c.supplier) && !reachable(c.manufacturer)) fault(`${at}: no creator, or no way to reach them`);
		if (!property(c, 'filename')) fault(`${at}: no name of a file`);
		for (const [name, values] of Object.entries({ executable: ['executable', 'non-executable'], archive: ['archive', 'no archive'], structured: ['structured', 'unstructured'] }))
			if (!values.includes(property(c, name))) fault(`${at}: ${name} is ${property(c, name)}`);
		if (!(c.hashes ?? []).some((h) => h.alg === 'SHA-512' && /^[0-9a-f]{128}$/.test(h.content))) fault(`${at}: no SHA-512`);
		if (c !== d.metadata.component && !c.licenses?.length) fault(`${at}: no license`);
	};
	check(d.metadata.component);
	for (const c of d.components) if (c['bom-ref'].startsWith('rpm:')) check(c);
	const said = new Set(d.compositions.flatMap((x) => x.dependencies));
	for (const x of d.dependencies) if (!said.has(x.ref)) fault(`${x.ref}: nothing says whether its dependencies are complete`);
	if (d.vulnerabilities) fault('vulnerabilities do not belong here');
}

function provenance(d) {
	schema('slsa-1.schema.json', d);
	for (const r of d.predicate?.buildDefinition?.resolvedDependencies ?? []) if (r.uri?.startsWith('pkg:')) checkPurl(r.uri, r.name);
}

function envelope(d, keyFile) {
	const key = createPublicKey(readFileSync(keyFile));
	const payload = Buffer.from(d.payload, 'base64');
	const bytes = dsse.preAuthEncoding(d.payloadType, payload);
	const id = createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('hex');
	const bits = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' }[key.asymmetricKeyDetails?.namedCurve];
	const rsa = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
	const [how, what] = key.asymmetricKeyType === 'ed25519' ? [null, key] : key.asymmetricKeyType === 'rsa' ? ['sha256', rsa] : [bits, key];
	if (d.payloadType !== 'application/vnd.in-toto+json') fault(`payload type ${d.payloadType}`);
	if (d.signatures.length !== 1 || d.signatures[0].keyid !== id) fault(`the signature is not by ${id}`);
	else if (!verify(how, bytes, what, Buffer.from(d.signatures[0].sig, 'base64'))) fault('the signature is not valid');
	provenance(JSON.parse(payload));
}

const [kind, file, key] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const checks = { spdx, spdx3, cyclonedx, bsi, provenance, dsse: envelope };
await checks[kind](JSON.parse(text), key ?? text);
for (const f of faults.slice(0, 30)) console.error(`${file}: ${f}`);
console.log(faults.length ? `${file}: ${faults.length} faults` : `${file}: valid ${kind}`);
process.exitCode = faults.length ? 1 : 0;
