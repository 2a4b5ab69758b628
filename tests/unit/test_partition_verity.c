// SPDX-License-Identifier: MIT
#include "disk_fixture.h"

#include "partition/verity.h"

enum { BLOCK = 4096, MIN_OFFSET = 1024 * 1024 };

static const char uuid[] = "11223344-5566-8788-99aa-bbccddeeff00";

/* A layout with data in [data, data + n) and the tree behind it; "disk" is written. */
static int make(const struct disk_box *b, uint64_t data_offset, uint64_t data_bytes, int threads,
		const struct hull_extent *v, size_t n, char root[HULL_HEX], struct hull_err *e)
{
	struct hull_verity_options o = {
		.data_offset_bytes = data_offset,
		.data_bytes = data_bytes,
		.hash_offset_bytes = data_offset + data_bytes,
		.hash_bytes = hull_verity_bytes(data_bytes),
		.threads = threads,
	};
	struct hull_layout l = {.size_bytes = o.hash_offset_bytes + o.hash_bytes};
	int result;

	assert_true(hull_guid_parse(uuid, &o.uuid));
	fill(o.salt, sizeof o.salt, 3);
	for (size_t i = 0; i < n; i++)
		hull_layout_add(&l, v[i].offset_bytes, v[i].length_bytes, &v[i].content);
	assert_int_equal(hull_layout_seal(&l, e), 0);
	result = hull_verity_add(&l, &o, root, e);
	if (result == 0)
		box_write_raw(b, "disk", &l);
	hull_layout_fini(&l);
	return result;
}

/* What veritysetup makes of the same data is the same, byte for byte. */
static void veritysetup_agrees(const struct disk_box *b, uint64_t data_offset, uint64_t data_bytes,
			       const char *root)
{
	uint64_t hash = data_offset + data_bytes;
	hull_autobuf struct hull_buf out = {0};
	uint8_t salt[32];
	char hex[65];

	fill(salt, sizeof salt, 3);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", salt[i]);
	box_must(b,
		 "dd if=disk of=data bs=4096 skip=%llu count=%llu status=none conv=sparse; "
		 "truncate -s %llu data; dd if=disk of=hash bs=4096 skip=%llu status=none",
		 (unsigned long long)(data_offset / BLOCK),
		 (unsigned long long)(data_bytes / BLOCK), (unsigned long long)data_bytes,
		 (unsigned long long)(hash / BLOCK));
	box_must(b, "veritysetup verify data hash %s", root);
	box_must(b, "rm -f want && veritysetup format data want --uuid=%s --salt=%s > log", uuid,
		 hex);
	box_must(b, "grep -q 'Root hash: *\t%s' log", root);
	box_must(b, "cmp want hash");
}

static void trees_of_all_heights(void **state)
{
	/* On both sides of a level more: 1, 128 and 128 * 128 blocks. */
	static const uint64_t blocks[] = {1, 2, 3, 127, 128, 129, 1000, 16383, 16384, 16385, 40000};
	enum { DATA = 300 * BLOCK };
	hull_autofree uint8_t *p = hull_alloc(DATA);
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	fill(p, DATA, 4);
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		uint64_t bytes = blocks[i] * BLOCK, data = bytes < DATA ? bytes : DATA;
		char root[HULL_HEX], again[HULL_HEX];
		/* Data in front, a hole behind it, and a little at the end. */
		struct hull_extent v[] = {
			{MIN_OFFSET, data, {.memory = p, .dirfd = -1}},
			{MIN_OFFSET + bytes - 100, 100, {.memory = p, .dirfd = -1}},
		};

		if (make(&b, MIN_OFFSET, bytes, 1, v, bytes > DATA ? 2 : 1, root, &e) < 0)
			fail_msg("%s", e.msg);
		veritysetup_agrees(&b, MIN_OFFSET, bytes, root);
		for (int threads = 2; threads < 200; threads *= 3) {
			assert_int_equal(make(&b, MIN_OFFSET, bytes, threads, v,
					      bytes > DATA ? 2 : 1, again, &e),
					 0);
			assert_string_equal(root, again);
		}
	}
	box_fini(&b);
}

static void a_change_is_seen(void **state)
{
	uint8_t data[300 * 64];
	struct hull_extent v[] = {{0, sizeof data, {.memory = data, .dirfd = -1}}};
	char root[HULL_HEX], other[HULL_HEX];
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	fill(data, sizeof data, 4);
	assert_int_equal(make(&b, 0, 200 * BLOCK, 2, v, 1, root, &e), 0);
	veritysetup_agrees(&b, 0, 200 * BLOCK, root);
	data[5000] ^= 1;
	assert_int_equal(make(&b, 0, 200 * BLOCK, 2, v, 1, other, &e), 0);
	assert_string_not_equal(root, other);
	box_flip(&b, "data", 199 * BLOCK);
	assert_int_not_equal(box_run(&b, NULL, "veritysetup verify data hash %s", root), 0);
	box_fini(&b);
}

static void errors_of_every_thread(void **state)
{
	struct hull_verity_options o = {.data_bytes = 100 * BLOCK,
					.hash_offset_bytes = 100 * BLOCK,
					.hash_bytes = 2 * BLOCK,
					.threads = 3};
	char root[HULL_HEX];
	struct hull_layout l = {.size_bytes = 102 * BLOCK};
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	box_write(&b, "short", "x", 1);
	hull_layout_add(&l, 80 * BLOCK, 10, &(struct hull_content){.dirfd = b.fd, .path = "short"});
	hull_layout_add(&l, 90 * BLOCK, 10,
			&(struct hull_content){.dirfd = b.fd, .path = "missing"});
	assert_int_equal(hull_layout_seal(&l, &e), 0);
	assert_int_equal(hull_verity_add(&l, &o, root, &e), -1);
	assert_ptr_equal(strstr(e.msg, "dm-verity: short: "), e.msg);
	o.hash_bytes = 2 * BLOCK - 1;
	assert_int_equal(hull_verity_add(&l, &o, root, &e), -1);
	assert_string_equal(e.msg, "dm-verity: the hash tree of 409600 bytes needs 8192 bytes; "
				   "there is room for 8191");
	o.hash_bytes = 2 * BLOCK;
	o.data_bytes = 100 * BLOCK + 1;
	assert_int_equal(hull_verity_add(&l, &o, root, &e), -1);
	assert_string_equal(e.msg, "dm-verity: 409601 bytes of data are not whole blocks of 4096");
	o.data_bytes = 103 * BLOCK;
	o.hash_bytes = 3 * BLOCK;
	assert_int_equal(hull_verity_add(&l, &o, root, &e), -1);
	assert_string_equal(e.msg, "dm-verity: 421888 bytes of data at 0 reach beyond the end of "
				   "the disk at 417792");
	hull_layout_fini(&l);
	box_fini(&b);
}

static void sizes(void **state)
{
	(void)state;
	assert_true(hull_verity_bytes(BLOCK) == BLOCK);
	assert_true(hull_verity_bytes(2 * BLOCK) == 2 * BLOCK);
	assert_true(hull_verity_bytes(128 * BLOCK) == 2 * BLOCK);
	assert_true(hull_verity_bytes(129 * BLOCK) == (1 + 2 + 1) * BLOCK);
	assert_true(hull_verity_bytes(1ull << 32) == (1ull + 8192 + 64 + 1) * BLOCK);
	assert_true(hull_verity_bytes(1ull << 62) % BLOCK == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_of_all_heights),
		cmocka_unit_test(a_change_is_seen),
		cmocka_unit_test(errors_of_every_thread),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
