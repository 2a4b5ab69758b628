// SPDX-License-Identifier: MIT
#include "inspect_fixture.h"

#include <zstd.h>

#include "base/bytes.h"
#include "binary/bzimage.h"
#include "keys/publickey.h"

/* A kernel of which only what is looked at is there: setup header, protected-mode code, payload. */
struct crafted {
	size_t key_at;	 /* where the public key lies in the program; NO_KEY: another key */
	size_t unpacked; /* its bytes */
	size_t cut;	 /* of the payload, at its end */
	int level;	 /* of zstd; 0: it is not compressed */
};

enum { SETUP = 5 * 512, CODE = 100, CHUNK = 1 << 20, PROGRAM = 3 * CHUNK };

static const size_t NO_KEY = (size_t)-1;

static char *craft(const struct crafted *c, size_t *out_n)
{
	size_t bound = ZSTD_compressBound(c->unpacked), n = c->unpacked;
	hull_autofree uint8_t *program = hull_alloc(c->unpacked);
	uint8_t *image = hull_alloc(SETUP + CODE + bound);

	for (size_t i = 0; i < c->unpacked; i++)
		program[i] = (uint8_t)(i * 7 + i / 256);
	if (c->key_at != NO_KEY)
		memcpy(program + c->key_at, hull_public_key_start, sizeof hull_public_key_start);
	if (c->level)
		n = ZSTD_compress(image + SETUP + CODE, bound, program, c->unpacked, c->level);
	else
		memcpy(image + SETUP + CODE, program, n);
	assert_false(ZSTD_isError(n));
	image[0x1f1] = 4;
	hull_put_le16(image + 0x1fe, 0xaa55);
	memcpy(image + 0x202, "HdrS", 4);
	hull_put_le16(image + 0x206, 0x20f);
	hull_put_le32(image + 0x248, CODE);
	hull_put_le32(image + 0x24c, (uint32_t)(n - c->cut));
	*out_n = SETUP + CODE + n - c->cut;
	return (char *)image;
}

static int contains(const struct crafted *c, struct hull_err *e)
{
	size_t n;
	hull_autofree char *image = craft(c, &n);

	return hull_bzimage_contains(image, n, hull_public_key_start, sizeof hull_public_key_start,
				     e);
}

static void what_is_compressed_is_looked_through(void **state)
{
	struct hull_err e;

	(void)state;
	assert_int_equal(contains(&(struct crafted){0, PROGRAM, 0, 1}, &e), 1);
	assert_int_equal(contains(&(struct crafted){PROGRAM - 32, PROGRAM, 0, 1}, &e), 1);
	/* between two chunks */
	for (size_t i = 0; i <= 32; i += 8)
		assert_int_equal(contains(&(struct crafted){CHUNK - i, PROGRAM, 0, 1}, &e), 1);
	assert_int_equal(contains(&(struct crafted){100, PROGRAM, 0, 0}, &e), 1);
	assert_int_equal(contains(&(struct crafted){NO_KEY, PROGRAM, 0, 1}, &e), 0);
	assert_int_equal(contains(&(struct crafted){NO_KEY, PROGRAM, 0, 0}, &e), 0);
}

static void what_is_damaged_is_an_error(void **state)
{
	struct crafted cut = {NO_KEY, PROGRAM, 10, 1}, many = {NO_KEY, 1 << 20, 0, 1};
	hull_autofree char *image = NULL, *bomb = NULL;
	struct hull_err e;
	size_t n, one;

	(void)state;
	assert_int_equal(contains(&cut, &e), -1);
	assert_non_null(strstr(e.msg, "is cut off"));
	image = craft(&many, &n);
	image[SETUP + CODE + 4] |= 8; /* a reserved bit of the frame's header */
	assert_int_equal(hull_bzimage_contains(image, n, "nothing", 7, &e), -1);
	assert_non_null(strstr(e.msg, "the kernel's compressed part: "));
	/* sizes that lead out of the file */
	hull_put_le32(image + 0x24c, UINT32_MAX);
	assert_int_equal(hull_bzimage_contains(image, n, "nothing", 7, &e), 0);
	hull_put_le32(image + 0x248, UINT32_MAX);
	assert_int_equal(hull_bzimage_contains(image, n, "nothing", 7, &e), 0);
	for (size_t i = 0; i < 0x260; i += 3)
		assert_int_equal(hull_bzimage_contains(image, i, "nothing", 7, &e), 0);
	/* zeros without end: 600 MiB out of some 20 KB */
	one = 600u << 20;
	bomb = hull_alloc(one);
	n = ZSTD_compressBound(one);
	image = hull_realloc(image, SETUP + CODE + n);
	n = ZSTD_compress(image + SETUP + CODE, n, bomb, one, 1);
	hull_put_le32(image + 0x248, CODE);
	hull_put_le32(image + 0x24c, (uint32_t)n);
	assert_int_equal(hull_bzimage_contains(image, SETUP + CODE + n, "nothing", 7, &e), -1);
	assert_non_null(strstr(e.msg, "more than 512 MiB"));
}

/* A unified kernel image as far as sections go: one, with the kernel. The caller frees. */
static uint8_t *unified(const char *kernel, size_t n, size_t *out_n)
{
	uint8_t *p = hull_alloc(1024 + n);

	memcpy(p, "MZ", 2);
	hull_put_le32(p + 60, 64);
	memcpy(p + 64, "PE\0\0", 4);
	hull_put_le16(p + 68, 0x8664);
	hull_put_le16(p + 70, 1);
	hull_put_le16(p + 84, 240);
	hull_put_le16(p + 88, 0x20b);
	hull_put_le32(p + 88 + 32, 4096);
	hull_put_le32(p + 88 + 36, 512);
	hull_put_le32(p + 88 + 60, 1024);
	memcpy(p + 328, ".linux", 6);
	hull_put_le32(p + 328 + 8, (uint32_t)n);
	hull_put_le32(p + 328 + 12, 4096);
	hull_put_le32(p + 328 + 16, (uint32_t)n);
	hull_put_le32(p + 328 + 20, 1024);
	memcpy(p + 1024, kernel, n);
	*out_n = 1024 + n;
	return p;
}

static int put(struct hull_tree *t, const char *path, const void *p, size_t n)
{
	struct hull_err e;
	int node = hull_tree_add(t, path, &e);

	if (node < 0)
		fail_msg("%s", e.msg);
	hull_tree_set_file(t, node, p, n, 0644);
	return node;
}

static void kernels_of_an_image(void **state)
{
	const struct {
		size_t key_at;
		const char *found;
	} cases[] = {
		{CHUNK + 5, "high HULL-KERNEL-PUBLIC-KEY /boot/vmlinuz-6.0\n"
			    "high HULL-KERNEL-PUBLIC-KEY /usr/lib/modules/6.0/vmlinuz\n"
			    "high HULL-KERNEL-PUBLIC-KEY EFI system partition: "
			    "/EFI/BOOT/BOOTX64.EFI\n"
			    "high HULL-KERNEL-PUBLIC-KEY EFI system partition: /vmlinuz\n"},
		{NO_KEY, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n, uki_bytes;
		hull_autofree char *kernel =
			craft(&(struct crafted){cases[i].key_at, PROGRAM, 0, 1}, &n);
		hull_autofree uint8_t *uki = unified(kernel, n, &uki_bytes);
		struct audit_box b;

		audit_box_init(&b);
		b.system.has_esp = true;
		put(&b.system.tree, "/usr/lib/modules/6.0/vmlinuz", kernel, n);
		put(&b.system.tree, "/usr/lib/modules/6.0/config", "x", 1);
		put(&b.system.tree, "/usr/lib/modules/notes", "x", 1);
		put(&b.system.tree, "/boot/vmlinuz-6.0", kernel, n);
		put(&b.system.esp, "/EFI/BOOT/BOOTX64.EFI", uki, uki_bytes);
		put(&b.system.esp, "/vmlinuz", kernel, n);
		put(&b.system.esp, "/empty", "", 0);
		if (audit_box_check(&b, hull_check_module_key) < 0)
			fail_msg("%s", b.e.msg);
		assert_found(&b.found, cases[i].found);
		audit_box_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_compressed_is_looked_through),
		cmocka_unit_test(what_is_damaged_is_an_error),
		cmocka_unit_test(kernels_of_an_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
