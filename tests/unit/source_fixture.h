// SPDX-License-Identifier: MIT
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "http_server.h"
#include "source/origin.h"
#include "source/source.h"

/* A store and a directory of files for each test of source/, and the files of the HTTP server. */

static char *root; /* removed after each test */
static struct hull_store store;

static int setup(void **state)
{
	char made[] = "/tmp/test_source.XXXXXX";
	struct hull_err e;

	(void)state;
	if (!mkdtemp(made))
		return -1;
	root = hull_strdup(made);
	server_reset();
	hull_autofree char *path = hull_asprintf("%s/store", root);
	return hull_store_open(&store, path, &e);
}

static int teardown(void **state)
{
	struct hull_err e;

	(void)state;
	hull_store_close(&store);
	hull_ignore(hull_remove_tree(AT_FDCWD, root, &e));
	free(root);
	return 0;
}

static void put_file(const char *path, const void *bytes, size_t n)
{
	hull_autofree char *full = hull_asprintf("%s/%s", root, path);
	hull_autofree char *dir = hull_strndup(full, (size_t)(hull_basename(full) - full) - 1);
	struct hull_err e;

	assert_int_equal(hull_mkdirs(AT_FDCWD, dir, 0755, &e), 0);
	assert_int_equal(hull_file_write(AT_FDCWD, full, bytes, n, 0644, &e), 0);
}

/* A file as the server has it, or its first n bytes, one of them altered. */
static inline void put_served(const char *path, const char *name, size_t n, bool altered)
{
	hull_autofree unsigned char *bytes = hull_alloc(file_size(name));

	file_bytes(name, bytes);
	if (altered)
		bytes[n / 2] ^= 1;
	put_file(path, bytes, n);
}

static inline void digest_of(const char *name, char out[HULL_HEX])
{
	hull_autofree unsigned char *bytes = hull_alloc(file_size(name));

	file_bytes(name, bytes);
	hull_hash_bytes(bytes, file_size(name), out);
}

/* Every file of the store is what its name says and has a note of its origin; their number. */
static inline size_t check_sources(void)
{
	hull_autostrv struct hull_strv names = {0};
	struct hull_err e;
	size_t n = 0;

	assert_int_equal(hull_dir_list(store.fd, "sources", &names, &e), 0);
	for (size_t i = 0; i < names.n; i++) {
		if (hull_ends(names.v[i], ".origin"))
			continue;
		hull_autofree char *path = hull_asprintf("sources/%s", names.v[i]);
		hull_autofree char *note = hull_asprintf("%s.origin", names.v[i]);
		hull_autofd int fd = hull_open(store.fd, path, &e);
		char hex[HULL_HEX];

		assert_true(fd >= 0);
		assert_int_equal(hull_hash_fd(fd, hex, NULL, &e), 0);
		assert_string_equal(hex, names.v[i]);
		assert_true(hull_strv_has(&names, note));
		n++;
	}
	return n;
}

static inline long partial_size(const char *sha256)
{
	hull_autofree char *path = hull_asprintf("partial/%s", sha256);
	struct stat st;

	return fstatat(store.fd, path, &st, 0) < 0 ? -1 : (long)st.st_size;
}

static void assert_contains(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text ? text : "(null)", part);
}

/* The test's own words for the server and its directory. */
static char *expand(const char *text)
{
	hull_autobuf struct hull_buf b = {0};

	if (!text)
		return NULL;
	for (; *text; text++) {
		if (*text == '@')
			hull_buf_addf(&b, "http://127.0.0.1:%d", server_port);
		else if (*text == '~')
			hull_buf_adds(&b, root);
		else
			hull_buf_addc(&b, *text);
	}
	return hull_buf_steal(&b);
}
