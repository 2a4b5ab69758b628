// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "binary/pe.h"
#include "binary/uki.h"

static const char stub_path[] = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";

enum { KERNEL_BYTES = 100001, INITRD_BYTES = 5000 };

static uint8_t kernel[KERNEL_BYTES] = "MZ", initrd[INITRD_BYTES];

/* A stub of two sections, as small as one can be; `room` bytes of headers. */
static struct hull_buf small_stub(size_t room)
{
	struct hull_buf b = {0};
	uint8_t *p;

	for (size_t i = 0; i < room + 1024; i++)
		hull_buf_addc(&b, '\0');
	p = (uint8_t *)b.p;
	memcpy(p, "MZ", 2);
	hull_put_le32(p + 60, 64);
	memcpy(p + 64, "PE\0\0", 4);
	hull_put_le16(p + 68, 0x8664);
	hull_put_le16(p + 70, 2);
	hull_put_le32(p + 72, 0x12345678); /* a time stamp */
	hull_put_le16(p + 84, 240);
	hull_put_le16(p + 88, 0x20b);
	hull_put_le32(p + 88 + 32, 4096);
	hull_put_le32(p + 88 + 36, 512);
	hull_put_le32(p + 88 + 56, 3 * 4096);
	hull_put_le32(p + 88 + 60, (uint32_t)room);
	for (int i = 0; i < 2; i++) {
		uint8_t *h = p + 328 + i * 40;

		memcpy(h, i ? ".data" : ".text", 5);
		hull_put_le32(h + 8, 100);
		hull_put_le32(h + 12, (uint32_t)(4096 * (i + 1)));
		hull_put_le32(h + 16, 512);
		hull_put_le32(h + 20, (uint32_t)(room + 512 * (size_t)i));
	}
	return b;
}

static struct hull_uki request(const struct hull_buf *stub)
{
	return (struct hull_uki){.stub = stub->p,
				 .stub_bytes = stub->n,
				 .kernel = kernel,
				 .kernel_bytes = sizeof kernel,
				 .command_line = "root=/dev/x ro\n",
				 .os_release = "ID=test\n",
				 .uname = "6.12.0"};
}

static void expect_section(const struct hull_buf *uki, const char *name, const void *p, size_t n)
{
	struct hull_err e = {0};
	const void *got;
	size_t got_n;

	if (hull_pe_section(uki->p, uki->n, name, &got, &got_n, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(got_n, n);
	assert_memory_equal(got, p, n);
}

/* The checksum by its definition, a word at a time with the carry put back each time. */
static uint32_t checksum(const uint8_t *p, size_t n, size_t field)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i += 2) {
		uint32_t word = i == field || i == field + 2
					? 0
					: p[i] | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0);

		sum += word;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum + (uint32_t)n;
}

/* What PE asks of section tables; the sections of the stub stay as they are. */
static void expect_sound(const struct hull_buf *stub, const struct hull_buf *uki)
{
	struct hull_pe before, after;
	struct hull_err e;
	uint64_t memory = 0;

	assert_int_equal(hull_pe_open(stub->p, stub->n, &before, &e), 0);
	assert_int_equal(hull_pe_open(uki->p, uki->n, &after, &e), 0);
	for (size_t i = 0; i < after.nsections; i++) {
		struct hull_pe_section s = hull_pe_get(&after, i);

		assert_true(s.virtual_address >= memory);
		assert_true(s.raw_offset >= after.headers_bytes);
		assert_int_equal(s.raw_offset % after.file_alignment, 0);
		assert_true((uint64_t)s.raw_offset + s.raw_bytes <= uki->n);
		if (i >= before.nsections) {
			assert_int_equal(s.virtual_address % after.section_alignment, 0);
			assert_int_equal(s.virtual_address % 4096, 0);
			assert_int_equal(s.raw_bytes % after.file_alignment, 0);
		} else {
			struct hull_pe_section old = hull_pe_get(&before, i);

			assert_memory_equal(&s, &old, sizeof s);
			assert_memory_equal(after.p + s.raw_offset, before.p + s.raw_offset,
					    s.raw_bytes);
		}
		memory = (uint64_t)s.virtual_address + s.virtual_bytes;
	}
	assert_true(hull_get_le32(after.p + after.optional + HULL_PE_SIZE_OF_IMAGE) >= memory);
	assert_int_equal(hull_get_le32(after.p + after.optional + HULL_PE_SIZE_OF_IMAGE) %
				 after.section_alignment,
			 0);
	assert_int_equal(hull_get_le32(after.p + after.coff + 4), 0);
	assert_int_equal(hull_get_le32(after.p + after.optional + HULL_PE_CHECKSUM),
			 checksum(after.p, after.n, after.optional + HULL_PE_CHECKSUM));
}

static void sections_are_added_to_the_stub_of_systemd(void **state)
{
	hull_autobuf struct hull_buf stub = {0}, uki = {0}, again = {0};
	struct hull_err e = {0};
	struct hull_uki u;

	(void)state;
	assert_int_equal(hull_file_read(AT_FDCWD, stub_path, &stub, &e), 0);
	u = request(&stub);
	u.initrd = initrd;
	u.initrd_bytes = sizeof initrd;
	if (hull_uki_make(&u, &uki, &e) < 0)
		fail_msg("%s", e.msg);
	expect_sound(&stub, &uki);
	expect_section(&uki, ".osrel", "ID=test\n", 8);
	expect_section(&uki, ".cmdline", "root=/dev/x ro", 14);
	expect_section(&uki, ".uname", "6.12.0", 6);
	expect_section(&uki, ".linux", kernel, sizeof kernel);
	expect_section(&uki, ".initrd", initrd, sizeof initrd);
	assert_int_equal(hull_uki_make(&u, &again, &e), 0);
	assert_int_equal(again.n, uki.n);
	assert_memory_equal(again.p, uki.p, uki.n);
}

static void objdump_reads_the_sections(void **state)
{
	hull_autobuf struct hull_buf stub = {0}, uki = {0}, text = {0};
	char path[] = "/tmp/hull-uki-XXXXXX";
	hull_autostrv struct hull_strv argv = {0};
	struct hull_err e = {0};
	struct hull_uki u;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(hull_file_read(AT_FDCWD, stub_path, &stub, &e), 0);
	u = request(&stub);
	assert_int_equal(hull_uki_make(&u, &uki, &e), 0);
	assert_int_equal(hull_fd_write(fd, uki.p, uki.n, &e), 0);
	close(fd);
	hull_strv_add(&argv, "objdump");
	hull_strv_add(&argv, "-h");
	hull_strv_add(&argv, path);
	if (hull_run_checked(argv.v, &text, &e) < 0)
		fail_msg("%s", e.msg);
	unlink(path);
	assert_non_null(strstr(text.p, "pei-x86-64"));
	assert_non_null(strstr(text.p, ".cmdline      0000000e"));
	assert_non_null(strstr(text.p, ".linux        000186a1"));
	assert_null(strstr(text.p, ".initrd"));
}

static void checksum_is_that_of_binutils(void **state)
{
	hull_autobuf struct hull_buf stub = {0};
	struct hull_err e = {0};
	struct hull_pe pe;
	size_t field;

	(void)state;
	assert_int_equal(hull_file_read(AT_FDCWD, stub_path, &stub, &e), 0);
	assert_int_equal(hull_pe_open(stub.p, stub.n, &pe, &e), 0);
	field = pe.optional + HULL_PE_CHECKSUM;
	assert_int_not_equal(hull_get_le32(pe.p + field), 0);
	assert_int_equal(hull_pe_checksum(pe.p, pe.n, field), hull_get_le32(pe.p + field));
	assert_int_equal(hull_pe_checksum((const uint8_t *)"\1\2\3", 3, 8), 0x0201 + 3 + 3);
}

static void headers_grow_into_unused_room_only(void **state)
{
	static const struct {
		size_t room;
		bool ok;
	} cases[] = {{1024, true}, {512, false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf stub = small_stub(cases[i].room), uki = {0};
		struct hull_uki u = request(&stub);
		struct hull_err e = {0};
		int r;

		u.initrd = initrd;
		u.initrd_bytes = sizeof initrd;
		r = hull_uki_make(&u, &uki, &e);
		assert_int_equal(r, cases[i].ok ? 0 : -1);
		if (cases[i].ok)
			expect_sound(&stub, &uki);
		else
			assert_string_equal(e.msg, "EFI stub: no room for the headers of 5 more "
						   "sections");
	}
}

/* SizeOfHeaders of 512 although the first section's bytes start at 1024. */
static void size_of_headers_follows(void **state)
{
	hull_autobuf struct hull_buf stub = small_stub(1024), uki = {0};
	struct hull_uki u = request(&stub);
	struct hull_err e = {0};
	struct hull_pe pe;

	(void)state;
	hull_put_le32((uint8_t *)stub.p + 88 + 60, 512);
	u.initrd = initrd;
	u.initrd_bytes = sizeof initrd;
	assert_int_equal(hull_uki_make(&u, &uki, &e), 0);
	assert_int_equal(hull_pe_open(uki.p, uki.n, &pe, &e), 0);
	assert_int_equal(pe.headers_bytes, 1024);
}

static void bad_stubs_are_refused(void **state)
{
	static const struct {
		size_t offset, bytes;
		uint32_t value;
		const char *message;
	} cases[] = {
		{0, 1, 'X', "it does not start with MZ"},
		{60, 4, 0xfffffffc, "no PE header"},
		{64, 1, 'X', "no PE header"},
		{70, 2, 97, "its section table is cut off"},
		{84, 2, 0xffff, "its section table is cut off"},
		{84, 2, 239, "no 64-bit optional header"},
		{88, 2, 0x10b, "no 64-bit optional header"},
		{120, 4, 0, "its alignments are no powers of two"},
		{124, 4, 48, "its alignments are no powers of two"},
		{88 + 148, 4, 8, "it is signed"},
		{328 + 20, 4, 0xffffff00, "section .text lies outside of the file"},
		{328 + 16, 4, 0x10000, "section .text lies outside of the file"},
		{408, 1, 1, "bytes after its section table are in use"},
		{328 + 12, 4, 0x7ffff000, "larger than 2 GiB"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autobuf struct hull_buf stub = small_stub(1024), uki = {0};
		struct hull_uki u = request(&stub);
		struct hull_err e = {0};
		uint32_t value = htole32(cases[i].value);

		memcpy(stub.p + cases[i].offset, &value, cases[i].bytes);
		assert_int_equal(hull_uki_make(&u, &uki, &e), -1);
		if (!strstr(e.msg, cases[i].message))
			fail_msg("case %zu: '%s' instead of '%s'", i, e.msg, cases[i].message);
		assert_null(uki.p);
	}
}

static void a_uki_is_no_stub_and_a_kernel_is_a_program(void **state)
{
	hull_autobuf struct hull_buf stub = small_stub(4096), uki = {0}, twice = {0};
	struct hull_uki u = request(&stub);
	struct hull_err e = {0};

	(void)state;
	assert_int_equal(hull_uki_make(&u, &uki, &e), 0);
	u.stub = uki.p;
	u.stub_bytes = uki.n;
	assert_int_equal(hull_uki_make(&u, &twice, &e), -1);
	assert_string_equal(e.msg, "EFI stub: it has a section .osrel already");
	u = request(&stub);
	u.kernel = "\177ELF";
	u.kernel_bytes = 4;
	assert_int_equal(hull_uki_make(&u, &twice, &e), -1);
	assert_non_null(strstr(e.msg, "CONFIG_EFI_STUB"));
}

static void missing_sections_are_errors(void **state)
{
	hull_autobuf struct hull_buf stub = small_stub(1024);
	struct hull_err e = {0};
	const void *p;
	size_t n;

	(void)state;
	assert_int_equal(hull_pe_section(stub.p, stub.n, ".text", &p, &n, &e), 0);
	assert_int_equal(n, 100);
	assert_int_equal(hull_pe_section(stub.p, stub.n, ".linux", &p, &n, &e), -1);
	assert_string_equal(e.msg, "no section .linux");
	for (size_t cut = 0; cut < stub.n; cut++)
		assert_int_equal(hull_pe_section(stub.p, cut, ".data", &p, &n, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_are_added_to_the_stub_of_systemd),
		cmocka_unit_test(objdump_reads_the_sections),
		cmocka_unit_test(checksum_is_that_of_binutils),
		cmocka_unit_test(headers_grow_into_unused_room_only),
		cmocka_unit_test(size_of_headers_follows),
		cmocka_unit_test(bad_stubs_are_refused),
		cmocka_unit_test(a_uki_is_no_stub_and_a_kernel_is_a_program),
		cmocka_unit_test(missing_sections_are_errors),
	};

	for (size_t i = 2; i < sizeof kernel; i++)
		kernel[i] = (uint8_t)(i * i >> 3);
	memset(initrd, 7, sizeof initrd);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
