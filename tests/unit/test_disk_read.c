// SPDX-License-Identifier: MIT
#include "disk_fixture.h"

#include "base/bytes.h"
#include "disk/diskformat.h"

#define MIB (1024ull * 1024)

enum { SIZE = 37 * 1024 * 1024 };

typedef int writer(const struct hull_layout *l, struct hull_sink *out, struct hull_err *e);

static struct hull_container container(void)
{
	return (struct hull_container){.id = hull_guid_derive("test", "disk"), .time = 1700000000};
}

static int vhd_fixed(const struct hull_layout *l, struct hull_sink *out, struct hull_err *e)
{
	struct hull_container c = container();

	return hull_vhd_write_fixed(l, &c, out, e);
}

static int vhd_dynamic(const struct hull_layout *l, struct hull_sink *out, struct hull_err *e)
{
	struct hull_container c = container();

	return hull_vhd_write_dynamic(l, &c, out, e);
}

static int vhdx(const struct hull_layout *l, struct hull_sink *out, struct hull_err *e)
{
	struct hull_container c = container();

	return hull_vhdx_write(l, &c, out, e);
}

static const struct {
	const char *name;
	writer *write;
} formats[] = {
	{"raw", hull_raw_write}, {"VHD, fixed", vhd_fixed},   {"VHD, dynamic", vhd_dynamic},
	{"VHDX", vhdx},		 {"qcow2", hull_qcow2_write},
};

enum { FORMATS = sizeof formats / sizeof *formats };

/* A disk of SIZE bytes: data at the ends, across blocks, and large holes. */
static uint8_t *make_disk(struct hull_layout *l)
{
	static const uint64_t places[][2] = {
		{0, 512},
		{4096, 1},
		{2 * MIB - 5000, 10000},
		{8 * MIB, 3 * MIB},
		{20 * MIB + 77, 2 * MIB},
		{SIZE - 513, 513},
	};
	uint8_t *whole = hull_alloc(SIZE);
	struct hull_err e;

	*l = (struct hull_layout){.size_bytes = SIZE};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		uint8_t *p = whole + places[i][0];

		fill(p, places[i][1], (uint32_t)i);
		p[places[i][1] - 1] |= 1;
		hull_layout_add(l, places[i][0], places[i][1],
				&(struct hull_content){.memory = p, .dirfd = -1});
	}
	assert_int_equal(hull_layout_seal(l, &e), 0);
	return whole;
}

static void write_disk(const struct disk_box *b, const char *name, const struct hull_layout *l,
		       writer *write, enum hull_compression c)
{
	struct hull_err e;
	hull_autosink struct hull_sink *s = hull_sink_new(b->fd, name, c, &e);

	if (!s || write(l, s, &e) < 0 || hull_sink_finish(s, &e) < 0)
		fail_msg("%s", e.msg);
}

/* The disk reads as these bytes, in pieces of any size, and what is a hole is zero. */
static void disk_is(struct hull_disk *d, const uint8_t *want, uint64_t n)
{
	static const size_t pieces[] = {1 * MIB, 65536 + 13, 4096, 3 * MIB + 1};
	hull_autofree uint8_t *got = hull_alloc(4 * MIB);
	uint64_t holes = 0;
	struct hull_err e;

	assert_true(hull_disk_size(d) >= n);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		for (uint64_t at = 0; at < n; at += pieces[i]) {
			size_t part = n - at < pieces[i] ? (size_t)(n - at) : pieces[i];

			if (hull_disk_read(d, at, got, part, &e) < 0)
				fail_msg("%s", e.msg);
			assert_memory_equal(got, want + at, part);
			if (!hull_disk_is_hole(d, at, part))
				continue;
			holes += i == 0;
			assert_int_equal(got[0], 0);
			assert_memory_equal(got, got + 1, part - 1);
		}
	assert_true(holes > 5);
	assert_false(hull_disk_is_hole(d, 0, n));
	assert_int_equal(hull_disk_read(d, 12345, got, 0, &e), 0);
	assert_int_equal(hull_disk_read(d, hull_disk_size(d), got, 1, &e), -1);
	assert_int_equal(hull_disk_read(d, 1, got, hull_disk_size(d), &e), -1);
	assert_int_equal(hull_disk_read(d, UINT64_MAX, got, 2, &e), -1);
	assert_non_null(strstr(e.msg, "beyond its end"));
}

/* Of the file, as the reader tells it. */
static enum hull_disk_compression compression_of(const struct disk_box *b, const char *name)
{
	hull_autofd int fd = openat(b->fd, name, O_RDONLY | O_CLOEXEC);
	uint8_t magic[8];

	assert_int_equal(pread(fd, magic, sizeof magic, 0), sizeof magic);
	return hull_disk_compression_of(magic);
}

static void what_hull_writes(void **state)
{
	static const enum hull_disk_compression compressions[] = {
		[HULL_COMPRESS_NONE] = HULL_DISK_PLAIN,
		[HULL_COMPRESS_ZSTD] = HULL_DISK_ZSTD,
		[HULL_COMPRESS_GZIP] = HULL_DISK_GZIP,
		[HULL_COMPRESS_XZ] = HULL_DISK_XZ,
	};
	hull_autofree uint8_t *whole = NULL;
	struct hull_layout l;
	struct disk_box b;

	(void)state;
	box_init(&b);
	whole = make_disk(&l);
	for (size_t i = 0; i < FORMATS; i++)
		for (int c = 0; c < 4; c++) {
			hull_autodisk struct hull_disk *d = NULL;

			write_disk(&b, "disk", &l, formats[i].write, (enum hull_compression)c);
			d = box_open(&b, "disk");
			assert_string_equal(hull_disk_format(d), formats[i].name);
			assert_int_equal(hull_disk_size(d), SIZE);
			assert_int_equal(compression_of(&b, "disk"), compressions[c]);
			disk_is(d, whole, SIZE);
		}
	/* Nothing is left of what was decompressed. */
	box_must(&b, "test \"$(ls -A)\" = disk");
	hull_layout_fini(&l);
	box_fini(&b);
}

static void what_qemu_writes(void **state)
{
	static const char *const cases[][2] = {
		{"VHD, dynamic", "-O vpc -o subformat=dynamic,force_size=on"},
		{"VHD, dynamic", "-O vpc"},
		{"VHD, fixed", "-O vpc -o subformat=fixed,force_size=on"},
		{"VHD, fixed", "-O vpc -o subformat=fixed"},
		{"VHDX", "-O vhdx -o subformat=dynamic"},
		{"VHDX", "-O vhdx -o subformat=fixed"},
		{"VHDX", "-O vhdx -o subformat=dynamic,block_size=1M,log_size=2M"},
		{"VHDX", "-O vhdx -o subformat=dynamic,block_size=32M"},
		{"qcow2", "-O qcow2"},
		{"qcow2", "-O qcow2 -o compat=0.10"},
		{"qcow2", "-O qcow2 -o cluster_size=512"},
		{"qcow2", "-O qcow2 -o cluster_size=2M"},
		{"qcow2", "-O qcow2 -o preallocation=full"},
		{"qcow2", "-O qcow2 -o lazy_refcounts=on,compression_type=zstd"},
		{"raw", "-O raw"},
	};
	hull_autofree uint8_t *whole = NULL;
	struct hull_layout l;
	struct disk_box b;

	(void)state;
	box_init(&b);
	whole = make_disk(&l);
	box_write_raw(&b, "raw", &l);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autodisk struct hull_disk *d = NULL;

		box_must(&b, "qemu-img convert -f raw %s raw disk", cases[i][1]);
		d = box_open(&b, "disk");
		assert_string_equal(hull_disk_format(d), cases[i][0]);
		if (strstr(cases[i][1], "preallocation") ||
		    strstr(cases[i][1], "subformat=fixed") || strstr(cases[i][1], "=32M")) {
			hull_autofree uint8_t *got = hull_alloc(SIZE);
			struct hull_err e;

			if (hull_disk_read(d, 0, got, SIZE, &e) < 0)
				fail_msg("%s", e.msg);
			assert_memory_equal(got, whole, SIZE);
		} else {
			disk_is(d, whole, SIZE);
		}
	}
	hull_layout_fini(&l);
	box_fini(&b);
}

/* Beyond 4 GiB: in a VHDX entries of sector bitmaps stand among those of blocks from there on. */
static void large_disks(void **state)
{
	static const char *const names[] = {"raw", "vhd", "vhdx", "qcow2"};
	const uint64_t size = 9 * 1024 * MIB, at = 8 * 1024 * MIB + 3 * MIB + 7;
	struct hull_layout l = {.size_bytes = size};
	writer *const writers[] = {hull_raw_write, vhd_dynamic, vhdx, hull_qcow2_write};
	uint8_t data[5000], got[5000];
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	fill(data, sizeof data, 7);
	hull_layout_add_bytes(&l, at, data, sizeof data);
	assert_int_equal(hull_layout_seal(&l, &e), 0);
	for (int qemu = 0; qemu < 2; qemu++)
		for (size_t i = 0; i < 4; i++) {
			static const char *const options[] = {"-O raw", "-O vpc -o force_size=on",
							      "-O vhdx -o block_size=1M",
							      "-O qcow2"};
			hull_autodisk struct hull_disk *d = NULL;

			if (qemu)
				box_must(&b, "qemu-img convert -f raw %s raw disk", options[i]);
			else
				write_disk(&b, names[i], &l, writers[i], HULL_COMPRESS_NONE);
			d = box_open(&b, qemu ? "disk" : names[i]);
			assert_true(hull_disk_size(d) == size);
			if (hull_disk_read(d, at, got, sizeof got, &e) < 0)
				fail_msg("%s", e.msg);
			assert_memory_equal(got, data, sizeof data);
			/* QEMU always writes the first sectors of a raw file. */
			assert_true(hull_disk_is_hole(d, MIB, 8 * 1024 * MIB));
			assert_false(hull_disk_is_hole(d, 0, size));
		}
	hull_layout_fini(&l);
	box_fini(&b);
}

/* Clusters that say of themselves that they are zero, with and without old data. */
static void zero_clusters_of_qcow2(void **state)
{
	hull_autodisk struct hull_disk *d = NULL;
	static uint8_t got[1024 * 1024], want[1024 * 1024];
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	box_must(&b, "qemu-img create -q -f qcow2 disk 1M && "
		     "qemu-io -f qcow2 -c 'write -q -P 1 0 256k' -c 'write -q -z 64k 64k' "
		     "-c 'write -q -z 512k 64k' disk");
	memset(want, 1, 256 * 1024);
	memset(want + 64 * 1024, 0, 64 * 1024);
	d = box_open(&b, "disk");
	assert_int_equal(hull_disk_read(d, 0, got, sizeof got, &e), 0);
	assert_memory_equal(got, want, sizeof got);
	assert_true(hull_disk_is_hole(d, 64 * 1024, 64 * 1024));
	box_fini(&b);
}

static void compressed_by_others(void **state)
{
	static const char *const cases[] = {
		"gzip -c disk > z",
		"gzip -1 -c --name disk > z",
		"{ head -c 1000000 disk | gzip; tail -c +1000001 disk | gzip; } > z",
		"zstd -q -f disk -o z",
		"zstd -q -f --long=27 -T2 disk -o z",
		"{ head -c 1000000 disk | zstd -q; tail -c +1000001 disk | zstd -q -9; } > z",
		"zstd -q -c disk > z && printf '' | zstd -q >> z",
	};
	hull_autofree uint8_t *whole = NULL;
	struct hull_layout l;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	whole = make_disk(&l);
	write_disk(&b, "disk", &l, vhdx, HULL_COMPRESS_NONE);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autodisk struct hull_disk *d = NULL;

		box_must(&b, "%s", cases[i]);
		d = box_open(&b, "z");
		assert_string_equal(hull_disk_format(d), "VHDX");
		disk_is(d, whole, SIZE);
	}
	box_must(&b, "gzip -c disk | zstd -q > z");
	assert_null(hull_disk_open(b.fd, "z", b.fd, &e));
	assert_string_equal(e.msg, "z: compressed twice");
	box_must(&b, "gzip -c disk > z && echo more >> z");
	assert_null(hull_disk_open(b.fd, "z", b.fd, &e));
	assert_non_null(strstr(e.msg, "z: malformed compressed data before byte"));
	box_must(&b, "zstd -q -c disk > z && echo more >> z");
	assert_null(hull_disk_open(b.fd, "z", b.fd, &e));
	assert_non_null(strstr(e.msg, "z: malformed compressed data before byte"));
	hull_layout_fini(&l);
	box_fini(&b);
}

/* Opens "disk" and reads all of it. */
static int read_all(const struct disk_box *b, struct hull_err *e)
{
	hull_autodisk struct hull_disk *d = hull_disk_open(b->fd, "disk", b->fd, e);
	static uint8_t buf[65536];

	if (!d)
		return -1;
	for (uint64_t at = 0; at < hull_disk_size(d); at += sizeof buf) {
		uint64_t left = hull_disk_size(d) - at;

		if (hull_disk_read(d, at, buf, left < sizeof buf ? (size_t)left : sizeof buf, e) <
		    0)
			return -1;
	}
	return 0;
}

static void truncations_are_errors(void **state)
{
	hull_autofree uint8_t *whole = NULL;
	struct hull_layout l;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	whole = make_disk(&l);
	for (size_t i = 1; i < FORMATS; i++)
		for (int c = 0; c < 3; c++) {
			uint64_t size, step;

			/* Without its footer it is a raw disk: that is for the partition table. */
			if (i == 1 && c == 0)
				continue;
			write_disk(&b, "good", &l, formats[i].write, (enum hull_compression)c);
			size = box_size(&b, "good");
			assert_int_equal(box_run(&b, NULL, "cp good disk"), 0);
			assert_int_equal(read_all(&b, &e), 0);
			/* Forward, as a cut makes the file shorter: every structure and between. */
			step = c ? size / 7 : 1 * MIB + 4096;
			for (uint64_t cut = 1; cut + 8 < size;
			     cut += cut < 300 * 1024 ? 65536 : step) {
				box_truncate(&b, "disk", size - cut);
				if (read_all(&b, &e) == 0)
					fail_msg("%s cut by %llu", formats[i].name,
						 (unsigned long long)cut);
				assert_ptr_equal(strstr(e.msg, "disk: "), e.msg);
			}
		}
	hull_layout_fini(&l);
	box_fini(&b);
}

/* CRC-32C with the field at `at` as zeros. */
static uint32_t crc32c(const uint8_t *p, size_t n, size_t at)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= i >= at && i < at + 4 ? 0 : p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* How the checksum of a structure is fixed after a change. */
struct sum {
	uint64_t start;
	size_t n;
	char kind; /* 'v': VHD, its field at `at`; 'x': VHDX; 0: none */
	size_t at;
};

static void fix(const struct disk_box *b, const struct sum *s)
{
	hull_autofd int fd = openat(b->fd, "disk", O_RDWR | O_CLOEXEC);
	hull_autofree uint8_t *p = hull_alloc(s->n + 1);
	uint32_t sum = 0;

	assert_int_equal(pread(fd, p, s->n, (off_t)s->start), (ssize_t)s->n);
	for (size_t i = 0; i < s->n; i++)
		sum += i >= s->at && i < s->at + 4 ? 0 : p[i];
	if (s->kind == 'v')
		hull_put_be32(p + s->at, ~sum);
	else
		hull_put_le32(p + 4, crc32c(p, s->n, 4));
	assert_int_equal(pwrite(fd, p, s->n, (off_t)s->start), (ssize_t)s->n);
}

struct damage {
	struct sum sum;
	uint64_t at;
	const char *bytes;
	size_t n;
	const char *want; /* NULL: it is still read */
};

static void damaged(const struct disk_box *b, writer *write, const struct damage *v, size_t n)
{
	hull_autofree uint8_t *whole = NULL;
	struct hull_layout l;
	struct hull_err e;

	whole = make_disk(&l);
	write_disk(b, "good", &l, write, HULL_COMPRESS_NONE);
	for (size_t i = 0; i < n; i++) {
		box_must(b, "cp --sparse=always good disk");
		box_patch(b, "disk", v[i].at, v[i].bytes, v[i].n);
		if (v[i].sum.kind)
			fix(b, &v[i].sum);
		e.msg = "";
		if (read_all(b, &e) != (v[i].want ? -1 : 0) ||
		    (v[i].want && !strstr(e.msg, v[i].want)))
			fail_msg("damage %zu: '%s', not '%s'", i, e.msg,
				 v[i].want ? v[i].want : "");
		assert_ptr_equal(strstr(e.msg, v[i].want ? "disk: " : ""), e.msg);
	}
	hull_layout_fini(&l);
}

static void damaged_vhd(void **state)
{
	enum { FOOTER = SIZE }; /* of the fixed one */
	const struct sum footer = {FOOTER, 512, 'v', 64}, header = {512, 1024, 'v', 36};
	const struct damage fixed[] = {
		{{0}, FOOTER + 70, "xx", 2, "VHD footer at byte 38797312: wrong checksum"},
		{footer, FOOTER + 60, "\0\0\0\4", 4, "a differencing VHD"},
		{footer, FOOTER + 60, "\0\0\0\5", 4, "disk type 5 is not known"},
		{footer, FOOTER + 12, "\0\2", 2, "version 2 is not known"},
		{footer, FOOTER + 55, "\1", 1, "is not whole sectors"},
		{footer, FOOTER + 53, "\xf0", 1, "truncated: a disk of"},
		{footer, FOOTER + 60, "\0\0\0\3", 4, "dynamic disk header at byte"},
	};
	const struct damage dynamic[] = {
		{{0}, 512, "x", 1, "dynamic disk header at byte 512: there is none"},
		{{0}, 512 + 40, "x", 1, "dynamic disk header at byte 512: wrong checksum"},
		{header, 512 + 32, "\0\x20\0\1", 4, "blocks of 2097153 bytes"},
		{header, 512 + 32, "\0\0\2\0", 4, "blocks of 512 bytes"},
		{header, 512 + 32, "\x80\0\0\0", 4, "blocks of 2147483648 bytes"},
		{header, 512 + 28, "\0\0\0\1", 4, "1 blocks do not make a disk of"},
		{header, 512 + 28, "\x7f\xff\xff\xff", 4, "block allocation table at byte 1536"},
		{header, 512 + 16, "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
		 "block allocation table at byte 18446744073709551615"},
		{{0}, 1536, "\x7f\xff\xff\xff", 4, "truncated: block 0 of the disk"},
		{{0}, 1536 + 16, "\xff\xff\xff\xff", 4, NULL},
	};
	struct disk_box b;

	(void)state;
	box_init(&b);
	damaged(&b, vhd_fixed, fixed, sizeof fixed / sizeof *fixed);
	damaged(&b, vhd_dynamic, dynamic, sizeof dynamic / sizeof *dynamic);
	box_fini(&b);
}

/* Sectors that the bitmap does not have are zero. */
static void sector_bitmap_of_vhd(void **state)
{
	hull_autofree uint8_t *whole = NULL;
	hull_autodisk struct hull_disk *d = NULL;
	struct hull_layout l;
	uint8_t entry[4];
	uint64_t bitmap;
	struct disk_box b;

	(void)state;
	box_init(&b);
	whole = make_disk(&l);
	write_disk(&b, "disk", &l, vhd_dynamic, HULL_COMPRESS_NONE);
	{
		hull_autofd int fd = openat(b.fd, "disk", O_RDONLY | O_CLOEXEC);

		assert_int_equal(pread(fd, entry, 4, 1536 + 4 * 4), 4);
	}
	bitmap = hull_get_be32(entry) * 512ull;
	/* Of the block at 8 MiB: the first 9 sectors, 16 in the middle, the last. */
	box_patch(&b, "disk", bitmap, "\0\x7f", 2);
	box_patch(&b, "disk", bitmap + 100, "\0\0", 2);
	box_patch(&b, "disk", bitmap + 511, "\xfe", 1);
	memset(whole + 8 * MIB, 0, 9 * 512);
	memset(whole + 8 * MIB + 800 * 512, 0, 16 * 512);
	memset(whole + 10 * MIB - 512, 0, 512);
	d = box_open(&b, "disk");
	disk_is(d, whole, SIZE);
	assert_true(hull_disk_is_hole(d, 8 * MIB, 9 * 512));
	assert_false(hull_disk_is_hole(d, 8 * MIB, 9 * 512 + 1));
	hull_layout_fini(&l);
	box_fini(&b);
}

static uint64_t find_bytes(const struct disk_box *b, const char *name, const void *p, size_t n)
{
	hull_autobuf struct hull_buf all = {0};
	struct hull_err e;
	char *at;

	assert_int_equal(hull_file_read(b->fd, name, &all, &e), 0);
	at = memmem(all.p, all.n, p, n);
	assert_non_null(at);
	return (uint64_t)(at - all.p);
}

static void damaged_vhdx(void **state)
{
	enum { KIB = 1024, H1 = 64 * KIB, H2 = 128 * KIB, R1 = 192 * KIB, R2 = 256 * KIB };
	static const uint8_t bat_guid[] = {0x66, 0x77, 0xc2, 0x2d},
			     size_guid[] = {0x24, 0x42, 0xa5, 0x2f};
	const struct sum h1 = {H1, 4096, 'x', 4}, h2 = {H2, 4096, 'x', 4},
			 r1 = {R1, 64 * KIB, 'x', 4};
	hull_autofree uint8_t *whole = NULL;
	uint64_t bat, metadata, entry;
	uint8_t region[32];
	struct hull_layout l;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	whole = make_disk(&l);
	write_disk(&b, "disk", &l, vhdx, HULL_COMPRESS_NONE);
	hull_layout_fini(&l);
	metadata = find_bytes(&b, "disk", "metadata", 8);
	entry = find_bytes(&b, "disk", bat_guid, sizeof bat_guid);
	{
		hull_autofd int fd = openat(b.fd, "disk", O_RDONLY | O_CLOEXEC);

		assert_int_equal(pread(fd, region, 32, (off_t)entry), 32);
	}
	bat = hull_get_le64(region + 16);

	const uint64_t size_entry = find_bytes(&b, "disk", size_guid, sizeof size_guid);
	const struct damage cases[] = {
		{{0}, H1 + 9, "xx", 2, NULL},
		{{0}, H2 + 9, "xx", 2, NULL},
		{{0}, R1 + 20, "xx", 2, NULL},
		{{0}, R2 + 20, "xx", 2, NULL},
		{r1, entry, "xx", 2, "needs a region that is not known: 2dc27878-f623"},
		{r1, R1 + 8, "\xff\xff\0\0", 4, "VHDX region table: 65535 entries"},
		{r1, R1 + 8, "\0\0\0\0", 4, "VHDX region table: no block allocation table"},
		{r1, entry + 16, "\0\0\0\0\0\0\0\1", 8, "block allocation table at byte 72057"},
		{r1, entry + 24, "\x08\0\0\0", 4, "8 bytes, but 19 entries"},
		{{0}, metadata, "x", 1, "no VHDX metadata table at byte"},
		{{0}, metadata + 10, "\xff\xff", 2, "no VHDX metadata table at byte"},
		{{0}, size_entry, "xx", 2, "needs metadata that are not known: 2fa57878-cd1b"},
		{{0}, size_entry + 16, "\xff\xff\xff\xff", 4, "lies outside"},
		{{0}, size_entry + 20, "\4\0\0\0", 4, "lies outside"},
		{{0}, metadata + 65536, "\1\0\x20\0", 4, "blocks of 2097153 bytes"},
		{{0}, metadata + 65536, "\0\0\0\0", 4, "blocks of 0 bytes"},
		{{0}, metadata + 65540, "\2", 1, "a differencing VHDX"},
		{{0}, bat, "\7", 1, "has the state 7"},
		{{0}, bat, "\5", 1, "has the state 5"},
		{{0}, bat, "\6\0\0\0", 4, "lies in the header"},
		{{0}, bat, "\6\0\xf0\xff\xff\xff\xff\xff", 8, "truncated: block at byte"},
		{{0}, bat, "\3\0\xf0\xff\xff\xff\xff\xff", 8, NULL},
	};
	damaged(&b, vhdx, cases, sizeof cases / sizeof *cases);
	/* The newer header counts: it has a log, or it has none. */
	for (int newer = 0; newer < 2; newer++) {
		box_must(&b, "cp --sparse=always good disk");
		box_patch(&b, "disk", H2 + 8, newer ? "\xff\xff" : "\0\0", 2);
		box_patch(&b, "disk", H2 + 48, "x", 1);
		fix(&b, &h2);
		assert_int_equal(read_all(&b, &e), newer ? -1 : 0);
	}
	/* Both headers, both region tables; then a log that has to be replayed, in both. */
	for (int i = 0; i < 3; i++) {
		static const char *const want[] = {
			"disk: VHDX header at byte 65536: wrong checksum",
			"disk: VHDX region table at byte 196608: wrong checksum",
			"disk: the log of the VHDX at byte 1048576 is not empty"};
		const uint64_t places[][2] = {
			{H1 + 9, H2 + 9}, {R1 + 20, R2 + 20}, {H1 + 50, H2 + 50}};

		box_must(&b, "cp --sparse=always good disk");
		box_patch(&b, "disk", places[i][0], "xx", 2);
		box_patch(&b, "disk", places[i][1], "xx", 2);
		if (i == 2) {
			fix(&b, &h1);
			fix(&b, &h2);
		}
		assert_int_equal(read_all(&b, &e), -1);
		if (strstr(e.msg, want[i]) != e.msg)
			fail_msg("%s", e.msg);
	}
	box_fini(&b);
}

static void damaged_qcow2(void **state)
{
	const struct damage cases[] = {
		{{0}, 4, "\0\0\0\4", 4, "qcow2 version 4 is not known"},
		{{0}, 8, "\0\0\0\0\0\0\1\0", 8, "has a backing file"},
		{{0}, 20, "\0\0\0\x40", 4, "clusters of 2^64 bytes"},
		{{0}, 20, "\0\0\0\x08", 4, "clusters of 2^8 bytes"},
		{{0}, 24, "\1", 1, "entries in the L1 table"},
		{{0}, 24, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "entries in the L1 table"},
		{{0}, 32, "\0\0\0\1", 4, "is encrypted"},
		{{0}, 36, "\xff\xff\xff\xff", 4, "truncated: L1 table at byte"},
		{{0}, 40, "\xff", 1, "truncated: L1 table at byte"},
		{{0}, 79, "\x10", 1, "needs features that are not known: 0x10"},
		{{0}, 79, "\x04", 1, "needs features that are not known: 0x4"},
		{{0}, 79, "\x01", 1, NULL},
	};
	uint8_t junk[64];
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	damaged(&b, hull_qcow2_write, cases, sizeof cases / sizeof *cases);
	/* compressed clusters, the last of which is cut and one of which is damaged */
	for (int zstd = 0; zstd < 2; zstd++) {
		box_must(
			&b,
			"rm -f disk && qemu-img convert -c -O qcow2 -o compression_type=%s good disk",
			zstd ? "zstd" : "zlib");
		assert_int_equal(read_all(&b, &e), 0);
		/* behind five clusters of tables */
		memset(junk, 0xff, sizeof junk);
		box_patch(&b, "disk", 0x50000, junk, sizeof junk);
		assert_int_equal(read_all(&b, &e), -1);
		assert_non_null(
			strstr(e.msg, "disk: qcow2: malformed compressed cluster at byte "));
	}
	box_must(&b, "rm disk && qemu-img create -q -f qcow2 -b good -F qcow2 disk");
	assert_int_equal(read_all(&b, &e), -1);
	assert_non_null(strstr(e.msg, "has a backing file"));
	box_must(&b, "rm disk && qemu-img create -q -f qcow2 -o extended_l2=on disk 64M");
	assert_int_equal(read_all(&b, &e), -1);
	assert_non_null(strstr(e.msg, "needs features that are not known: 0x10"));
	box_fini(&b);
}

static void other_files(void **state)
{
	hull_autodisk struct hull_disk *d = NULL;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	assert_null(hull_disk_open(b.fd, "missing", b.fd, &e));
	assert_string_equal(e.msg, "missing: No such file or directory");
	assert_null(hull_disk_open(b.fd, ".", b.fd, &e));
	assert_string_equal(e.msg, ".: a directory, not a regular file");
	box_write(&b, "empty", "", 0);
	d = box_open(&b, "empty");
	assert_string_equal(hull_disk_format(d), "raw");
	assert_int_equal(hull_disk_size(d), 0);
	assert_true(hull_disk_is_hole(d, 0, 0));
	box_write(&b, "disk", "a text\n", 7);
	assert_int_equal(read_all(&b, &e), -1);
	assert_string_equal(e.msg, "disk: no disk image that is known, and 7 bytes are no raw disk "
				   "of whole sectors of 512");
	box_write(&b, "disk", "conectix", 8);
	assert_int_equal(read_all(&b, &e), -1);
	box_write(&b, "disk", "vhdxfile", 8);
	assert_int_equal(read_all(&b, &e), -1);
	box_write(&b, "disk", "QFI\xfb\0\0\0\3", 8);
	assert_int_equal(read_all(&b, &e), -1);
	assert_string_equal(e.msg, "disk: truncated: qcow2 header at byte 0 (72 bytes) reaches "
				   "beyond the end of the file at 8");
	/* A cut of compressed data in the middle of nothing. */
	box_write(&b, "disk", "\x28\xb5\x2f\xfd\0\0\0\0", 8);
	assert_int_equal(read_all(&b, &e), -1);
	box_write(&b, "disk", "\x1f\x8b\x08\0\0\0\0\0", 8);
	assert_int_equal(read_all(&b, &e), -1);
	assert_string_equal(e.msg, "disk: truncated: the compressed data end early at byte 8");
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_hull_writes),	cmocka_unit_test(what_qemu_writes),
		cmocka_unit_test(large_disks),		cmocka_unit_test(zero_clusters_of_qcow2),
		cmocka_unit_test(compressed_by_others), cmocka_unit_test(truncations_are_errors),
		cmocka_unit_test(damaged_vhd),		cmocka_unit_test(sector_bitmap_of_vhd),
		cmocka_unit_test(damaged_vhdx),		cmocka_unit_test(damaged_qcow2),
		cmocka_unit_test(other_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
