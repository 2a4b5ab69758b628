// SPDX-License-Identifier: MIT
#include "disk_fixture.h"

#include "partition/gptread.h"

enum { SECTORS = 4096 }; /* 2 MiB */

static struct hull_guid guid(const char *label)
{
	return hull_guid_derive("test", label);
}

static struct hull_gpt_partition partition(const char *name, const char *type, uint64_t first,
					   uint64_t last)
{
	struct hull_gpt_partition p = {
		.id = guid(name), .first_lba = first, .last_lba = last, .name = name};

	assert_true(hull_gpt_type(type, "x86_64", &p.type));
	return p;
}

static void write_disk(const struct disk_box *b, const struct hull_gpt_partition *p, size_t n)
{
	struct hull_layout l = {.size_bytes = SECTORS * HULL_SECTOR};
	struct hull_guid disk = guid("disk");
	struct hull_err e;

	if (hull_gpt_add(&l, &disk, p, n, &e) < 0)
		fail_msg("%s", e.msg);
	box_write_raw(b, "disk", &l);
	hull_layout_fini(&l);
}

static void sgdisk_agrees(const struct disk_box *b)
{
	hull_autobuf struct hull_buf out = {0};

	assert_int_equal(box_run(b, &out, "sgdisk -v disk"), 0);
	if (!strstr(out.p, "No problems found") || strstr(out.p, "Warning"))
		fail_msg("%s", out.p);
}

static void same_partition(const struct hull_gpt_partition *a, const struct hull_gpt_partition *b)
{
	assert_memory_equal(&a->type, &b->type, sizeof a->type);
	assert_memory_equal(&a->id, &b->id, sizeof a->id);
	assert_int_equal(a->first_lba, b->first_lba);
	assert_int_equal(a->last_lba, b->last_lba);
	assert_int_equal(a->attributes, b->attributes);
	assert_string_equal(a->name, b->name);
}

/* Reads the table of "disk"; -1 with e set. */
static int read_disk(const struct disk_box *b, struct hull_arena *a, struct hull_gpt *g,
		     struct hull_err *e)
{
	hull_autodisk struct hull_disk *d = hull_disk_open(b->fd, "disk", b->fd, e);

	return d ? hull_gpt_read(d, a, g, e) : -1;
}

static void tables_are_read_back(void **state)
{
	struct hull_gpt_partition p[] = {
		partition("esp", "esp", 34, 1000),
		partition("36 units: \xe2\x82\xac \xf0\x9f\x98\x80 0123456789 0123456789", "root",
			  1001, 1001),
		partition("", "var", SECTORS - 34, SECTORS - 34),
		partition("middle", "usr-verity", 2048, 3000),
	};
	struct hull_guid disk = guid("disk");
	struct hull_arena a = {0};
	struct hull_gpt g;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	p[1].attributes = 1ull << 60 | 4;
	write_disk(&b, p, 4);
	sgdisk_agrees(&b);
	assert_int_equal(read_disk(&b, &a, &g, &e), 0);
	assert_null(g.note);
	assert_false(g.from_backup);
	assert_memory_equal(&g.disk, &disk, sizeof disk);
	assert_int_equal(g.n, 4);
	for (size_t i = 0; i < 4; i++)
		same_partition(&p[i], &g.v[i]);
	hull_arena_fini(&a);
	box_fini(&b);
}

static void sgdisk_sees_names_and_types(void **state)
{
	static const char *const types[][2] = {
		{"esp", "EFI system partition"},
		{"xbootldr", "XBOOTLDR partition"},
		{"linux-generic", "Linux filesystem"},
		{"swap", "Linux swap"},
		{"home", "Linux /home"},
		{"srv", "Linux /srv"},
		{"var", "Linux /var"},
		{"tmp", "Linux /var/tmp"},
		{"root", "Linux x86-64 root (/)"},
		{"root-verity", "Linux x86-64 root verity"},
		{"usr", "Linux x86-64 /usr"},
		{"usr-verity", "Linux x86-64 /usr verity"},
	};
	static const char *const arm[][2] = {
		{"root", "Linux ARM64 root (/)"},
		{"root-verity", "Linux ARM64 root verity"},
		{"usr", "Linux ARM64 /usr"},
		{"usr-verity", "Linux ARM64 /usr verity"},
	};
	enum { N = sizeof types / sizeof *types, ARM = sizeof arm / sizeof *arm };
	hull_autobuf struct hull_buf out = {0};
	struct hull_gpt_partition p[N + ARM];
	struct hull_guid none;
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < N + ARM; i++) {
		const char *name = i < N ? types[i][0] : arm[i - N][0];

		p[i] = partition(name, name, 100 + i, 100 + i);
		if (i >= N) {
			p[i].name = arm[i - N][1];
			p[i].id = guid(p[i].name);
			assert_true(hull_gpt_type(name, "aarch64", &p[i].type));
		}
	}
	write_disk(&b, p, N + ARM);
	sgdisk_agrees(&b);
	for (size_t i = 0; i < N + ARM; i++) {
		hull_autofree char *type =
			hull_asprintf("(%s)\n", i < N ? types[i][1] : arm[i - N][1]);
		hull_autofree char *name = hull_asprintf("Partition name: '%s'\n", p[i].name);

		assert_int_equal(box_run(&b, &out, "sgdisk -i %zu disk", i + 1), 0);
		if (!strstr(out.p, type) || !strstr(out.p, name))
			fail_msg("%s%s", type, out.p);
	}
	assert_false(hull_gpt_type("nothing", "x86_64", &none));
	assert_false(hull_gpt_type("root", "m68k", &none));
	assert_false(hull_gpt_type("root", NULL, &none));
	box_fini(&b);
}

static void full_and_empty_tables(void **state)
{
	struct hull_gpt_partition p[HULL_GPT_MAX_PARTITIONS + 1];
	struct hull_layout l = {.size_bytes = SECTORS * HULL_SECTOR};
	struct hull_guid disk = guid("disk");
	struct hull_arena a = {0};
	struct hull_gpt g;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < HULL_GPT_MAX_PARTITIONS + 1; i++) {
		const char *name = hull_arena_printf(&a, "p%zu", i);

		p[i] = partition(name, "linux-generic", 34 + i, 34 + i);
	}
	write_disk(&b, p, HULL_GPT_MAX_PARTITIONS);
	sgdisk_agrees(&b);
	assert_int_equal(read_disk(&b, &a, &g, &e), 0);
	assert_int_equal(g.n, HULL_GPT_MAX_PARTITIONS);
	same_partition(&p[127], &g.v[127]);
	write_disk(&b, NULL, 0);
	sgdisk_agrees(&b);
	assert_int_equal(read_disk(&b, &a, &g, &e), 0);
	assert_int_equal(g.n, 0);
	assert_int_equal(hull_gpt_add(&l, &disk, p, HULL_GPT_MAX_PARTITIONS + 1, &e), -1);
	assert_string_equal(e.msg, "GPT: 129 partitions; the table holds 128");
	hull_layout_fini(&l);
	hull_arena_fini(&a);
	box_fini(&b);
}

static void refused(uint64_t size_bytes, const struct hull_gpt_partition *p, size_t n,
		    const char *want)
{
	struct hull_layout l = {.size_bytes = size_bytes};
	struct hull_guid disk = guid("disk");
	struct hull_err e;

	assert_int_equal(hull_gpt_add(&l, &disk, p, n, &e), -1);
	assert_string_equal(e.msg, want);
	assert_int_equal(l.n, 0);
	hull_layout_fini(&l);
}

static void wrong_tables_are_refused(void **state)
{
	const uint64_t size = SECTORS * HULL_SECTOR;
	struct hull_gpt_partition p[] = {partition("a", "esp", 34, 100),
					 partition("b", "root", 101, 200)};

	(void)state;
	refused(size + 1, p, 2,
		"GPT: a disk of 2097153 bytes: it has to be whole sectors of 512, at least 68 of "
		"them");
	refused(67 * HULL_SECTOR, NULL, 0,
		"GPT: a disk of 34304 bytes: it has to be whole sectors of 512, at least 68 of "
		"them");
	p[1].first_lba = 100;
	refused(size, p, 2,
		"GPT: partition 1 (a), sectors 34 to 100, and partition 2 (b), sectors 100 to 200, "
		"overlap");
	p[1].first_lba = 201;
	refused(size, p, 2, "GPT: partition 2 (b) ends at sector 200, before it begins at 201");
	p[1].first_lba = 101;
	p[1].last_lba = SECTORS - 33;
	refused(size, p, 2,
		"GPT: partition 2 (b), sectors 101 to 4063, lies outside the usable sectors 34 to "
		"4062");
	p[1].last_lba = 200;
	p[0].first_lba = 33;
	refused(size, p, 2,
		"GPT: partition 1 (a), sectors 33 to 100, lies outside the usable sectors 34 to "
		"4062");
	p[0].first_lba = 34;
	p[1].id = p[0].id;
	refused(size, p, 2,
		"GPT: partition 1 (a) and partition 2 (b) share the id "
		"b14ce3f9-51cf-8e60-b6bd-dfa8c4985cc2");
	memset(&p[1].id, 0, sizeof p[1].id);
	refused(size, p, 2, "GPT: partition 2 (b) has no id");
	p[1].id = guid("b");
	p[1].name = "0123456789012345678901234567890123456";
	refused(size, p, 2,
		"GPT: partition 2: the name '0123456789012345678901234567890123456' is no UTF-8, "
		"or longer than 36 UTF-16 units");
	p[1].name = "01234567890123456789012345678901234\xf0\x9f\x98\x80";
	refused(size, p, 2,
		"GPT: partition 2: the name '01234567890123456789012345678901234\xf0\x9f\x98\x80' "
		"is no UTF-8, or longer than 36 UTF-16 units");
	p[1].name = "\xc0\xaf";
	refused(size, p, 2,
		"GPT: partition 2: the name '\\xc0\\xaf' is no UTF-8, or longer than 36 UTF-16 "
		"units");
}

/* Damages "disk" at two places (0: none) and reads it. */
static int read_damaged(const struct disk_box *b, uint64_t first, uint64_t second,
			struct hull_arena *a, struct hull_gpt *g, struct hull_err *e)
{
	struct hull_gpt_partition p[] = {partition("a", "esp", 34, 100),
					 partition("b", "root", 101, 200)};

	write_disk(b, p, 2);
	if (first)
		box_flip(b, "disk", first);
	if (second)
		box_flip(b, "disk", second);
	return read_disk(b, a, g, e);
}

static void damage_is_seen(void **state)
{
	enum {
		HEADER = HULL_SECTOR,
		TABLE = 2 * HULL_SECTOR,
		BACKUP_TABLE = (SECTORS - 33) * HULL_SECTOR,
		BACKUP = (SECTORS - 1) * HULL_SECTOR
	};
	static const struct {
		uint64_t first, second;
		bool from_backup;
		const char *note; /* NULL: an error */
	} cases[] = {
		{HEADER, 0, true, "disk: GPT header at byte 512: there is none"},
		{HEADER + 60, 0, true, "disk: GPT header at byte 512: wrong checksum"},
		{HEADER + 13, 0, true, "disk: GPT header at byte 512: its size is out of range"},
		{TABLE + 130, 0, true, "disk: GPT table at byte 1024: wrong checksum"},
		{TABLE + 16383, 0, true, "disk: GPT table at byte 1024: wrong checksum"},
		{0, BACKUP + 60, false, "disk: GPT header at byte 2096640: wrong checksum"},
		{0, BACKUP_TABLE, false, "disk: GPT table at byte 2080256: wrong checksum"},
		{450, 0, false, "disk: no protective MBR"},
		{510, 0, false, "disk: no protective MBR"},
		{HEADER, BACKUP, false, NULL},
		{TABLE, BACKUP_TABLE, false, NULL},
		{HEADER + 91, BACKUP_TABLE + 16383, false, NULL},
	};
	struct hull_arena a = {0};
	struct hull_gpt g;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int result = read_damaged(&b, cases[i].first, cases[i].second, &a, &g, &e);

		assert_int_equal(result, cases[i].note ? 0 : -1);
		if (result < 0) {
			assert_non_null(strstr(e.msg, "; and the copy: disk: GPT "));
			continue;
		}
		assert_string_equal(g.note, cases[i].note);
		assert_int_equal(g.from_backup, cases[i].from_backup);
		assert_int_equal(g.n, 2);
		assert_string_equal(g.v[1].name, "b");
	}
	hull_arena_fini(&a);
	box_fini(&b);
}

static void cut_and_grown_disks(void **state)
{
	static const uint64_t cut[] = {0,     1,     512,	  1023,	   1024,
				       17407, 17408, 1024 * 1024, 2096640, 2097151};
	struct hull_arena a = {0};
	struct hull_gpt g;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		assert_int_equal(read_damaged(&b, 0, 0, &a, &g, &e), 0);
		box_truncate(&b, "disk", cut[i]);
		assert_int_equal(read_disk(&b, &a, &g, &e), -1);
		assert_ptr_equal(strstr(e.msg, "disk: "), e.msg);
	}
	assert_int_equal(read_damaged(&b, 0, 0, &a, &g, &e), 0);
	assert_null(g.note);
	box_truncate(&b, "disk", 4 * 1024 * 1024);
	assert_int_equal(read_disk(&b, &a, &g, &e), 0);
	assert_string_equal(g.note, "disk: the copy of the GPT is not at the end of the disk");
	hull_arena_fini(&a);
	box_fini(&b);
}

/* What sgdisk writes is read, also with an order of entries and gaps of its own. */
static void tables_of_sgdisk(void **state)
{
	struct hull_arena a = {0};
	struct hull_guid type;
	struct hull_gpt g;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	box_must(&b, "truncate -s 64M disk && sgdisk -n 7:40960:49151 -c 7:late -t 7:8304 "
		     "-n 2:2048:4095 -c 2:early -A 2:set:60 -t 2:ef00 disk");
	assert_int_equal(read_disk(&b, &a, &g, &e), 0);
	assert_null(g.note);
	assert_int_equal(g.n, 2);
	assert_string_equal(g.v[0].name, "early");
	assert_int_equal(g.v[0].first_lba, 2048);
	assert_int_equal(g.v[0].last_lba, 4095);
	assert_true(g.v[0].attributes == 1ull << 60);
	assert_string_equal(g.v[1].name, "late");
	assert_true(hull_gpt_type("root", "x86_64", &type));
	assert_memory_equal(&g.v[1].type, &type, sizeof type);
	/* The other copy says something else. */
	box_must(&b, "cp disk other && sgdisk -c 7:changed other && "
		     "dd if=other of=disk bs=512 count=33 skip=1 seek=1 conv=notrunc");
	assert_int_equal(read_disk(&b, &a, &g, &e), 0);
	assert_string_equal(g.note, "disk: the two copies of the GPT differ");
	assert_string_equal(g.v[1].name, "changed");
	hull_arena_fini(&a);
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_read_back),
		cmocka_unit_test(sgdisk_sees_names_and_types),
		cmocka_unit_test(full_and_empty_tables),
		cmocka_unit_test(wrong_tables_are_refused),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(cut_and_grown_disks),
		cmocka_unit_test(tables_of_sgdisk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
