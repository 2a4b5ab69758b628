// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/str.h"
#include "disk/container.h"

/* Every format, of every kind of disk, is read by QEMU and libvhdi as the same disk. */

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)
enum { DATA_BYTES = 9 << 20, EXTENTS_MAX = 8 };

enum format { RAW, VHD, VHD_DYNAMIC, VHDX, QCOW2, FORMATS };

static const struct {
	const char *suffix, *qemu, *check, *libvhdi;
} formats[FORMATS] = {
	[RAW] = {"raw", "driver=raw,file.filename=", NULL, NULL},
	[VHD] = {"vhd", "driver=vpc,file.filename=", NULL, "Fixed"},
	[VHD_DYNAMIC] = {"dynamic.vhd", "driver=vpc,file.filename=", NULL, "Dynamic"},
	[VHDX] = {"vhdx", "driver=vhdx,file.filename=", "vhdx", "Dynamic"},
	[QCOW2] = {"qcow2", "driver=qcow2,file.filename=", "qcow2", NULL},
};

struct disk {
	const char *name;
	uint64_t size_bytes;
	struct {
		uint64_t at, bytes;
	} v[EXTENTS_MAX];	     /* by turns from memory and from a file */
	uint64_t blocks;	     /* of 2 MiB that are touched */
	const char *sha256[FORMATS]; /* golden, in the order of the formats */
};

static const struct disk disks[] = {
	{"empty", 64 * MIB, .blocks = 0},
	{"smallest", MIB, .blocks = 0},
	{"first-byte", 10 * MIB, {{0, 1}}, .blocks = 1},
	{"last-byte", 10 * MIB, {{10 * MIB - 1, 1}}, .blocks = 1},
	{"one-mib-full", MIB, {{0, MIB}}, .blocks = 1},
	{"odd",
	 7 * MIB,
	 {{0, 100}, {5 * MIB, 2 * MIB}},
	 .blocks = 3,
	 .sha256 =
		 {
			 "6d2e119273faeb28a6142f6ead06bb529017fb5fd211488b86a5c77df1edb752",
			 "9f0cfec38bf40b6c580500594c7b8d896b09bc2e6f1e9c5c0623475aea5d15d5",
			 "6a249a8c9f19d7103ba1cf11e50e522374e8f72abeebd902edae4516c0b57fb7",
			 "0d072a33e63cf05dab4c573452918092cb4c95e56fb61fcf5673c4baf0d4efc3",
			 "b6b7eea561325755c80e7f43fa3af05092e2740297aedb0eff3a8f5381614fe3",
		 }},
	{"crossing",
	 32 * MIB,
	 {{2 * MIB - 1, 2},
	  {4 * MIB + 100, 7 * MIB + 13},
	  {12 * MIB, 2 * MIB},
	  {14 * MIB, 1},
	  {14 * MIB + 64 * KIB - 1, 64 * KIB + 2},
	  {25 * MIB + 511, 4097}},
	 .blocks = 9,
	 .sha256 =
		 {
			 "4e6151ffce9d21a501908f737edee46e946187ec346a654d7449a009aaa5a431",
			 "e90ed22fadc9795c286b2ddff9e660ea4f80c485cb7ddce45ed34cceac9ea09a",
			 "d433ccedfb55b45e171747eb7e7aab8a77eeee6b883dc7db94ce0ef016d6ea57",
			 "f6464c4d1241666296149ba4acd609d0b7d1b411ac7b5396732b04e362430847",
			 "e8ac23444e6d63ae5523897ddaade4efc6a3e2b48f18ed3032d3a443c1e9fa07",
		 }},
	{"full", 16 * MIB, {{0, 9 * MIB}, {9 * MIB, 7 * MIB}}, .blocks = 8},
	{"sparse",
	 5 * GIB,
	 {{512, 512},
	  {512 * MIB - 5, 10},
	  {GIB + 3 * MIB, 5 * MIB},
	  {4 * GIB - 2 * MIB, 2 * MIB},
	  {4 * GIB, 3},
	  {5 * GIB - 4096, 4096}},
	 .blocks = 9},
	{"no-whole-mib", 3 * MIB + 512, {{64 * KIB * 3, 1}, {3 * MIB + 1, 511}}, .blocks = 2},
};

static char dir[] = "/tmp/hull-test-XXXXXX";
static int dirfd_;
static uint8_t data[DATA_BYTES];
static struct hull_err e;

static int open_dir(void **state)
{
	uint32_t x = 1;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < DATA_BYTES; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		data[i] = (uint8_t)(x >> 8 | 1);
	}
	return hull_file_write(dirfd_, "data", data, DATA_BYTES, 0644, &e);
}

static int drop_dir(void **state)
{
	(void)state;
	close(dirfd_);
	return hull_remove_tree(AT_FDCWD, dir, &e);
}

static const struct hull_container *container(void)
{
	static struct hull_container c = {.time = 1700000000};

	assert_true(hull_guid_parse("01234567-89ab-8def-8123-456789abcdef", &c.id));
	return &c;
}

/* Contents start at different places of the data, so that one in place of another is noticed. */
static void make_layout(const struct disk *d, struct hull_layout *l)
{
	*l = (struct hull_layout){.size_bytes = d->size_bytes};
	for (size_t i = 0; i < EXTENTS_MAX && d->v[i].bytes; i++) {
		struct hull_content c = {.dirfd = dirfd_, .path = "data"};

		c.offset_bytes = (i * 7919) % (DATA_BYTES - d->v[i].bytes + 1);
		c.memory = i % 2 ? data : NULL;
		hull_layout_add(l, d->v[i].at, d->v[i].bytes, &c);
	}
	assert_int_equal(hull_layout_seal(l, &e), 0);
}

/* The same disk without the code under test. */
static void make_expected(const struct disk *d, const char *name)
{
	int fd = openat(dirfd_, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(ftruncate(fd, (off_t)d->size_bytes), 0);
	for (size_t i = 0; i < EXTENTS_MAX && d->v[i].bytes; i++) {
		uint64_t n = d->v[i].bytes, from = (i * 7919) % (DATA_BYTES - n + 1);

		assert_int_equal(pwrite(fd, data + from, n, (off_t)d->v[i].at), n);
	}
	close(fd);
}

static int write_format(const struct hull_layout *l, enum format f, struct hull_sink *s)
{
	switch (f) {
	case RAW:
		return hull_raw_write(l, s, &e);
	case VHD:
		return hull_vhd_write_fixed(l, container(), s, &e);
	case VHD_DYNAMIC:
		return hull_vhd_write_dynamic(l, container(), s, &e);
	case VHDX:
		return hull_vhdx_write(l, container(), s, &e);
	case QCOW2:
		return hull_qcow2_write(l, s, &e);
	case FORMATS:
		break;
	}
	return -1;
}

static void write_disk(const struct hull_layout *l, enum format f, const char *name,
		       enum hull_compression compression)
{
	hull_autosink struct hull_sink *s = hull_sink_new(dirfd_, name, compression, &e);

	assert_non_null(s);
	if (write_format(l, f, s) < 0 || hull_sink_finish(s, &e) < 0)
		fail_msg("%s: %s", name, e.msg);
}

/* Runs a shell line in the test's directory; its output is returned. */
static char *shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *shell(const char *fmt, ...)
{
	hull_autobuf struct hull_buf line = {0};
	struct hull_buf out = {0};
	const char *argv[] = {"sh", "-c", NULL, NULL};
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof command, fmt, ap);
	va_end(ap);
	hull_buf_addf(&line, "cd %s && %s", dir, command);
	argv[2] = line.p;
	if (hull_run_checked((char *const *)argv, &out, &e) < 0)
		fail_msg("%s: %s%s", command, out.n ? out.p : "", e.msg);
	return hull_buf_steal(&out);
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in: %s", part, text);
}

static uint64_t size_of(const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(dirfd_, name, &st, 0), 0);
	return (uint64_t)st.st_size;
}

static void drop(const char *name)
{
	assert_int_equal(unlinkat(dirfd_, name, 0), 0);
}

static void check_readers(const struct disk *d, enum format f, const char *name)
{
	char part[64];
	hull_autofree char *info =
		shell("qemu-img info --output=json --image-opts %s%s", formats[f].qemu, name);
	hull_autofree char *same =
		shell("qemu-img compare --image-opts driver=raw,file.filename=expected %s%s",
		      formats[f].qemu, name);

	assert_contains(same, "identical");
	snprintf(part, sizeof part, "\"virtual-size\": %" PRIu64 ",", d->size_bytes);
	assert_contains(info, part);
	if (formats[f].check) {
		hull_autofree char *check =
			shell("qemu-img check -f %s %s", formats[f].check, name);

		assert_contains(check, "No errors were found");
	}
	if (formats[f].libvhdi) {
		hull_autofree char *vhdi = shell("vhdiinfo %s", name);

		snprintf(part, sizeof part, "(%" PRIu64 " bytes)\n", d->size_bytes);
		if (d->size_bytes % KIB == 0)
			assert_contains(vhdi, part);
		assert_contains(vhdi, formats[f].libvhdi);
	}
}

/* What is not touched takes no space, what is takes its block. */
static void check_size(const struct disk *d, enum format f, const char *name)
{
	uint64_t all = (d->size_bytes + 2 * MIB - 1) / (2 * MIB);
	uint64_t table = (all * 4 + 511) / 512 * 512;

	if (f == RAW)
		assert_int_equal(size_of(name), d->size_bytes);
	if (f == VHD)
		assert_int_equal(size_of(name), d->size_bytes + 512);
	if (f == VHD_DYNAMIC)
		assert_int_equal(size_of(name),
				 512 + 1024 + table + d->blocks * (2 * MIB + 512) + 512);
	if (f == VHDX)
		assert_int_equal(size_of(name), 4 * MIB + d->blocks * 2 * MIB);
}

static void formats_are_read_by_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) {
		const struct disk *d = &disks[i];
		struct hull_layout l;

		make_layout(d, &l);
		make_expected(d, "expected");
		for (enum format f = RAW; f < FORMATS; f++) {
			char name[64], again[80], hex[HULL_HEX], hex_again[HULL_HEX];
			bool whole_mib = d->size_bytes % MIB == 0, large = d->size_bytes >= GIB;

			if (!whole_mib && (f == VHD || f == VHD_DYNAMIC))
				continue;
			snprintf(name, sizeof name, "%s.%s", d->name, formats[f].suffix);
			snprintf(again, sizeof again, "again-%s", name);
			write_disk(&l, f, name, HULL_COMPRESS_NONE);
			check_size(d, f, name);
			check_readers(d, f, name);
			if (!large || (f != RAW && f != VHD)) {
				write_disk(&l, f, again, HULL_COMPRESS_NONE);
				assert_int_equal(hull_hash_file(dirfd_, name, hex, NULL, &e), 0);
				assert_int_equal(hull_hash_file(dirfd_, again, hex_again, NULL, &e),
						 0);
				assert_string_equal(hex, hex_again);
				if (d->sha256[f])
					assert_string_equal(hex, d->sha256[f]);
				drop(again);
			}
			drop(name);
		}
		drop("expected");
		hull_layout_fini(&l);
	}
}

static void compressed_is_the_same(void **state)
{
	static const struct {
		const char *suffix, *decompress;
		enum hull_compression compression;
	} kinds[] = {{"zst", "zstd -qdc", HULL_COMPRESS_ZSTD},
		     {"gz", "gzip -dc", HULL_COMPRESS_GZIP},
		     {"xz", "xz -dc", HULL_COMPRESS_XZ}};

	(void)state;
	for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) {
		struct hull_layout l;

		if (disks[i].size_bytes > 10 * MIB)
			continue;
		make_layout(&disks[i], &l);
		for (enum format f = RAW; f < FORMATS; f++) {
			if (disks[i].size_bytes % MIB && (f == VHD || f == VHD_DYNAMIC))
				continue;
			write_disk(&l, f, "plain", HULL_COMPRESS_NONE);
			for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
				write_disk(&l, f, "packed", kinds[k].compression);
				write_disk(&l, f, "twice", kinds[k].compression);
				free(shell(
					"%s packed >whole && cmp whole plain && cmp packed twice",
					kinds[k].decompress));
				drop("whole");
				drop("packed");
				drop("twice");
			}
			drop("plain");
		}
		hull_layout_fini(&l);
	}
}

/* gzip: magic, deflate, no flags, no time (RFC 1952). Long runs of zeros, with data between. */
static void zeros_in_gzip(void **state)
{
	hull_autobuf struct hull_buf got = {0};
	struct hull_sink *s = hull_sink_new(dirfd_, "packed", HULL_COMPRESS_GZIP, &e);

	(void)state;
	assert_non_null(s);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(hull_sink_write(s, data, 100000, &e), 0);
		assert_int_equal(hull_sink_zeros(s, 70 * MIB + 12345, &e), 0);
		assert_int_equal(hull_sink_write(s, data, 100000, &e), 0);
	}
	assert_int_equal(hull_sink_finish(s, &e), 0);
	hull_sinkp(&s);
	assert_int_equal(hull_file_read(dirfd_, "packed", &got, &e), 0);
	assert_memory_equal(got.p, "\x1f\x8b\x08\0\0\0\0\0", 8);
	assert_int_equal(hull_file_write(dirfd_, "part", data, 100000, 0644, &e), 0);
	free(shell(
		"for i in 1 2 3; do cat part; head -c %" PRIu64
		" /dev/zero; cat part; done >plain; gzip -t packed && gzip -dc packed | cmp - plain",
		(uint64_t)(70 * MIB + 12345)));
	drop("part");
	drop("plain");
	drop("packed");
}

static void zstd_ignores_the_number_of_cores(void **state)
{
	struct hull_layout l = {.size_bytes = 160 * MIB};
	cpu_set_t all, one;

	(void)state;
	for (uint64_t at = 0; at + DATA_BYTES <= l.size_bytes; at += DATA_BYTES + 8191) {
		struct hull_content c = {.memory = data};

		hull_layout_add(&l, at, DATA_BYTES, &c);
	}
	assert_int_equal(hull_layout_seal(&l, &e), 0);
	write_disk(&l, VHDX, "many", HULL_COMPRESS_ZSTD);
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	write_disk(&l, VHDX, "one", HULL_COMPRESS_ZSTD);
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
	free(shell("cmp one many"));
	drop("one");
	drop("many");
	hull_layout_fini(&l);
}

/*
 * More clusters than one block of reference counts has entries; and as many as it has, so that it
 * takes a second one to count itself.
 */
static void qcow2_with_many_clusters(void **state)
{
	static const struct disk cases[] = {
		{"many", 2 * GIB + 100 * MIB, .blocks = 0},
		{"brim", 32762 * 64 * KIB, .blocks = 0},
	};
	struct hull_content zero = {.memory = "\0"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_layout l = {.size_bytes = cases[i].size_bytes};
		struct stat st;

		make_expected(&cases[i], "expected");
		for (uint64_t at = 0; at < l.size_bytes; at += 64 * KIB)
			hull_layout_add(&l, at, 1, &zero);
		assert_int_equal(hull_layout_seal(&l, &e), 0);
		write_disk(&l, QCOW2, "qcow2", HULL_COMPRESS_NONE);
		check_readers(&cases[i], QCOW2, "qcow2");
		assert_int_equal(fstatat(dirfd_, "qcow2", &st, 0), 0);
		assert_true((uint64_t)st.st_size > l.size_bytes);
		assert_true(st.st_blocks * 512 < (off_t)MIB);
		drop("qcow2");
		drop("expected");
		hull_layout_fini(&l);
	}
}

static uint32_t sum_of(const char *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint8_t)p[i];
	return sum;
}

/* The complement of the sum of all bytes but its own. */
static void assert_checksum(const char *p, size_t n, size_t at)
{
	uint32_t own = hull_get_be32(p + at);

	assert_int_equal(own, ~(sum_of(p, n) - sum_of(p + at, 4)));
}

static void vhd_fields(void **state)
{
	static const struct {
		uint64_t size_bytes;
		uint16_t cylinders;
		uint8_t heads, sectors;
	} cases[] = {
		{MIB, 30, 4, 17},	    {20 * MIB, 602, 4, 17},	  {100 * MIB, 1003, 12, 17},
		{200 * MIB, 825, 16, 31},   {500 * MIB, 1015, 16, 63},	  {GIB, 2080, 16, 63},
		{32 * GIB, 16448, 16, 255}, {2040 * GIB, 65535, 16, 255},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_layout l = {.size_bytes = cases[i].size_bytes};
		hull_autobuf struct hull_buf got = {0};
		const char *p, *header;

		write_disk(&l, VHD_DYNAMIC, "vhd", HULL_COMPRESS_NONE);
		assert_int_equal(hull_file_read(dirfd_, "vhd", &got, &e), 0);
		p = got.p;
		header = p + 512;
		assert_memory_equal(p, got.p + got.n - 512, 512);
		assert_memory_equal(p, "conectix\0\0\0\2\0\1\0\0\0\0\0\0\0\0\2\0", 24);
		assert_int_equal(hull_get_be32(p + 24), 1700000000 - 946684800);
		assert_memory_equal(p + 28, "win ", 4);
		assert_memory_equal(p + 36, "Wi2k", 4);
		assert_int_equal(hull_get_be64(p + 40), l.size_bytes);
		assert_int_equal(hull_get_be64(p + 48), l.size_bytes);
		assert_int_equal(hull_get_be16(p + 56), cases[i].cylinders);
		assert_int_equal((uint8_t)p[58], cases[i].heads);
		assert_int_equal((uint8_t)p[59], cases[i].sectors);
		assert_int_equal(hull_get_be32(p + 60), 3);
		assert_checksum(p, 512, 64);
		assert_int_equal(sum_of(p + 84, 428), 0);
		assert_memory_equal(header, "cxsparse\377\377\377\377\377\377\377\377", 16);
		assert_int_equal(hull_get_be64(header + 16), 1536);
		assert_int_equal(hull_get_be32(header + 28),
				 (l.size_bytes + 2 * MIB - 1) / (2 * MIB));
		assert_checksum(header, 1024, 36);
		drop("vhd");
	}
}

static void vhd_fixed_footer(void **state)
{
	struct hull_layout l = {.size_bytes = 3 * MIB};
	hull_autobuf struct hull_buf got = {0};
	const char *p;

	(void)state;
	write_disk(&l, VHD, "vhd", HULL_COMPRESS_NONE);
	assert_int_equal(hull_file_read(dirfd_, "vhd", &got, &e), 0);
	p = got.p + l.size_bytes;
	assert_memory_equal(p, "conectix\0\0\0\2\0\1\0\0\377\377\377\377\377\377\377\377", 24);
	assert_int_equal(hull_get_be32(p + 60), 2);
	assert_checksum(p, 512, 64);
	drop("vhd");
}

/* Each of the two headers is enough, and the region tables are the same. */
static void vhdx_has_two_of_each(void **state)
{
	const struct disk *d = &disks[5];
	struct hull_layout l;

	(void)state;
	make_layout(d, &l);
	make_expected(d, "expected");
	for (uint64_t at = 64 * KIB; at <= 128 * KIB; at += 64 * KIB) {
		write_disk(&l, VHDX, "vhdx", HULL_COMPRESS_NONE);
		free(shell("cmp -i 196608:262144 -n 65536 vhdx vhdx"));
		free(shell("printf x | dd of=vhdx bs=1 seek=%" PRIu64 " conv=notrunc status=none",
			   (uint64_t)(at + 100)));
		check_readers(d, VHDX, "vhdx");
		drop("vhdx");
	}
	drop("expected");
	hull_layout_fini(&l);
}

static void what_does_not_fit_is_refused(void **state)
{
	static const struct {
		enum format format;
		uint64_t size_bytes;
		const char *message;
	} cases[] = {
		{VHD, 0, "VHD: the disk has no size"},
		{VHD_DYNAMIC, 0, "VHD: the disk has no size"},
		{VHDX, 0, "VHDX: the disk has no size"},
		{QCOW2, 0, "qcow2: the disk has no size"},
		{VHD, MIB + 512, "VHD: the disk of 1049088 bytes is no multiple of 1048576 bytes"},
		{VHD_DYNAMIC, 511, "VHD: the disk of 511 bytes is no multiple of 1048576 bytes"},
		{VHDX, MIB + 511, "VHDX: the disk of 1049087 bytes is no multiple of 512 bytes"},
		{QCOW2, 1, "qcow2: the disk of 1 bytes is no multiple of 512 bytes"},
		{VHD, 2040 * GIB + MIB,
		 "VHD: the disk of 2190434369536 bytes is larger than the format allows: 2190433320960"},
		{VHD_DYNAMIC, 2040 * GIB + MIB, "VHD: the disk of 2190434369536 bytes is larger"},
		{VHDX, 64 * TIB + MIB, "VHDX: the disk of 70368745226240 bytes is larger"},
		{QCOW2, 64 * TIB + MIB, "qcow2: the disk of 70368745226240 bytes is larger"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hull_layout l = {.size_bytes = cases[i].size_bytes};
		struct hull_sink *s = hull_sink_new(dirfd_, "out", HULL_COMPRESS_NONE, &e);

		assert_non_null(s);
		assert_int_equal(write_format(&l, cases[i].format, s), -1);
		if (strncmp(e.msg, cases[i].message, strlen(cases[i].message)) != 0)
			assert_string_equal(e.msg, cases[i].message);
		hull_sinkp(&s);
		assert_false(hull_exists(dirfd_, "out"));
	}
}

/* A file that shrank since the plan was made ends every format, and nothing is left of it. */
static void short_content_leaves_nothing(void **state)
{
	struct hull_layout l = {.size_bytes = 8 * MIB};
	struct hull_content c = {.dirfd = dirfd_, .path = "short"};
	hull_autostrv struct hull_strv names = {0};

	(void)state;
	assert_int_equal(hull_file_write(dirfd_, "short", data, 100, 0644, &e), 0);
	hull_layout_add(&l, 3 * MIB, 101, &c);
	assert_int_equal(hull_layout_seal(&l, &e), 0);
	for (enum format f = RAW; f < FORMATS; f++) {
		struct hull_sink *s = hull_sink_new(dirfd_, "out", HULL_COMPRESS_NONE, &e);

		assert_non_null(s);
		assert_int_equal(write_format(&l, f, s), -1);
		assert_contains(e.msg, "short: the file ends at byte 100");
		hull_sinkp(&s);
	}
	drop("short");
	hull_layout_fini(&l);
	assert_int_equal(hull_dir_list(AT_FDCWD, dir, &names, &e), 0);
	assert_int_equal(names.n, 1);
	assert_string_equal(names.v[0], "data");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_read_by_others),
		cmocka_unit_test(compressed_is_the_same),
		cmocka_unit_test(zeros_in_gzip),
		cmocka_unit_test(zstd_ignores_the_number_of_cores),
		cmocka_unit_test(qcow2_with_many_clusters),
		cmocka_unit_test(vhd_fields),
		cmocka_unit_test(vhd_fixed_footer),
		cmocka_unit_test(vhdx_has_two_of_each),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(short_content_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, open_dir, drop_dir);
}
