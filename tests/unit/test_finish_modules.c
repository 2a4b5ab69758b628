// SPDX-License-Identifier: MIT
#include "tree_fixture.h"

#include "base/process.h"
#include "finish/finish.h"

#define VERSION	  "6.12.1-hull"
#define DIRECTORY "/usr/lib/modules/" VERSION

static const char exporter[] =
	"const char n[] __attribute__((section(\"__ksymtab_strings\"))) = \"hull_f\";\n"
	"const char i[] __attribute__((section(\".modinfo\"))) = \"license=MIT\\0alias=pci:v1*\";\n"
	"int hull_f(void) { return 1; }\n";
static const char user[] =
	"const char i[] __attribute__((section(\".modinfo\"))) = "
	"\"softdep=pre: first\\0alias=devname:hull\\0alias=char-major-10-200\";\n"
	"extern int hull_f(void);\nint g(void) { return hull_f(); }\n";

/* Compiles a source text to dir/name. */
static void compile(const char *dir, const char *name, const char *text)
{
	hull_autofree char *source = hull_asprintf("%s/x.c", dir);
	hull_autofree char *object = hull_asprintf("%s/%s", dir, name);
	char *argv[] = {(char *)"cc", (char *)"-c", (char *)"-o", object, source, NULL};
	struct hull_err e;

	assert_int_equal(hull_file_write(AT_FDCWD, source, text, strlen(text), 0644, &e), 0);
	if (hull_run_checked(argv, NULL, &e) < 0)
		fail_msg("%s", e.msg);
}

/* A file of the tree whose content is in a directory of the host. */
static void put_stored(struct hull_tree *t, const char *path, int dirfd, const char *name)
{
	int node = tree_put(t, path, "");
	struct stat st;

	assert_int_equal(fstatat(dirfd, name, &st, 0), 0);
	t->v[node].size_bytes = (uint64_t)st.st_size;
	t->v[node].content =
		(struct hull_content){.dirfd = dirfd, .path = hull_arena_strdup(&t->arena, name)};
	t->v[node].mtime = 9;
}

struct modules_world {
	char *dir;
	int fd;
	struct hull_store store;
	struct hull_tree t;
};

static void start(struct modules_world *w)
{
	hull_autofree char *store = NULL;
	struct hull_err e;

	w->dir = tree_temp();
	store = hull_asprintf("%s/store", w->dir);
	assert_int_equal(hull_store_open(&w->store, store, &e), 0);
	compile(w->dir, "a.ko", exporter);
	compile(w->dir, "b.ko", user);
	w->fd = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	hull_tree_init(&w->t);
	put_stored(&w->t, DIRECTORY "/kernel/a.ko", w->fd, "a.ko");
	put_stored(&w->t, DIRECTORY "/extra/deep/b.ko", w->fd, "b.ko");
	tree_put(&w->t, DIRECTORY "/modules.order", "kernel/a.ko");
	tree_put(&w->t, DIRECTORY "/modules.builtin", "kernel/fs/ext4.ko\n");
	tree_put(&w->t, DIRECTORY "/modules.dep", "stale\n");
}

static void finish(struct modules_world *w)
{
	hull_tree_fini(&w->t);
	hull_store_close(&w->store);
	close(w->fd);
	tree_temp_drop(w->dir);
}

static void depmod_is_run(void **state)
{
	static const char *const others[] = {"modules.alias.bin", "modules.builtin.bin",
					     "modules.dep.bin", "modules.devname",
					     "modules.symbols.bin"};
	hull_autofree char *aliases = NULL, *symbols = NULL, *softdeps = NULL, *tmp = NULL;
	hull_autostrv struct hull_strv left = {0};
	struct hull_err e;
	struct modules_world w;

	(void)state;
	start(&w);
	if (hull_modules_add(&w.store, &w.t, &e) < 0)
		fail_msg("%s", e.msg);
	assert_tree_text(&w.t, DIRECTORY "/modules.dep",
			 "kernel/a.ko:\nextra/deep/b.ko: kernel/a.ko\n");
	assert_int_equal(tree_node(&w.t, DIRECTORY "/modules.dep")->mtime, 9);
	aliases = tree_text(&w.t, DIRECTORY "/modules.alias");
	assert_non_null(strstr(aliases, "alias pci:v1* a\n"));
	symbols = tree_text(&w.t, DIRECTORY "/modules.symbols");
	assert_non_null(strstr(symbols, "alias symbol:hull_f a\n"));
	softdeps = tree_text(&w.t, DIRECTORY "/modules.softdep");
	assert_non_null(strstr(softdeps, "softdep b pre: first\n"));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		hull_autofree char *path = hull_asprintf(DIRECTORY "/%s", others[i]);

		assert_true(tree_node(&w.t, path)->size_bytes > 0);
	}
	/* the package's own files are left as they are, and nothing stays in the store */
	assert_tree_text(&w.t, DIRECTORY "/modules.order", "kernel/a.ko");
	tmp = hull_asprintf("%s/%s", w.store.path, w.store.tmp);
	assert_int_equal(hull_dir_list(AT_FDCWD, tmp, &left, &e), 0);
	for (size_t i = 0; i < left.n; i++)
		assert_string_equal(left.v[i], "lock");
	finish(&w);
}

static void the_images_configuration_counts(void **state)
{
	struct hull_err e;
	struct modules_world w;

	(void)state;
	start(&w);
	put_stored(&w.t, DIRECTORY "/updates/a.ko", w.fd, "a.ko");
	tree_put(&w.t, "/usr/lib/depmod.d/x.conf", "search extra updates built-in\n");
	assert_int_equal(hull_modules_add(&w.store, &w.t, &e), 0);
	assert_tree_text(&w.t, DIRECTORY "/modules.dep",
			 "extra/deep/b.ko: updates/a.ko\nupdates/a.ko:\n");
	finish(&w);
}

static void compressed_modules(void **state)
{
	char *version[] = {(char *)"/usr/sbin/depmod", (char *)"--version", NULL};
	hull_autobuf struct hull_buf said = {0};
	struct hull_err e;
	struct modules_world w;

	(void)state;
	start(&w);
	assert_int_equal(hull_run_checked(version, &said, &e), 0);
	for (int i = 0; i < 2; i++) {
		const char *suffix = i ? "xz" : "zst", *program = i ? "xz" : "zstd";
		hull_autofree char *module = hull_asprintf("%s/b.ko", w.dir);
		hull_autofree char *name = hull_asprintf("b.ko.%s", suffix);
		hull_autofree char *path = hull_asprintf(DIRECTORY "/extra/deep/%s", name);
		hull_autofree char *dep =
			hull_asprintf("kernel/a.ko:\nextra/deep/%s: kernel/a.ko\n", name);
		char *argv[] = {(char *)program, (char *)"-q", (char *)"-k", module, NULL};
		int old = hull_tree_find(&w.t, DIRECTORY "/extra/deep");

		assert_int_equal(hull_run_checked(argv, NULL, &e), 0);
		hull_tree_remove(&w.t, old);
		put_stored(&w.t, path, w.fd, name);
		if (strstr(said.p, i ? "+XZ" : "+ZSTD")) {
			if (hull_modules_add(&w.store, &w.t, &e) < 0)
				fail_msg("%s", e.msg);
			assert_tree_text(&w.t, DIRECTORY "/modules.dep", dep);
		} else {
			assert_int_equal(hull_modules_add(&w.store, &w.t, &e), -1);
			assert_non_null(strstr(e.msg, "reads no"));
		}
	}
	finish(&w);
}

static void trees_without_modules(void **state)
{
	struct hull_err e;
	struct modules_world w;

	(void)state;
	start(&w);
	hull_tree_remove(&w.t, hull_tree_find(&w.t, DIRECTORY));
	assert_int_equal(hull_modules_add(&w.store, &w.t, &e), 0);
	tree_directory(&w.t, "/usr/lib/modules/other", 0755);
	assert_int_equal(hull_modules_add(&w.store, &w.t, &e), 0);
	/* a kernel with everything built in has the lists nevertheless */
	tree_put(&w.t, DIRECTORY "/modules.builtin", "kernel/fs/ext4.ko\n");
	assert_int_equal(hull_modules_add(&w.store, &w.t, &e), 0);
	assert_tree_text(&w.t, DIRECTORY "/modules.dep", "");
	finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depmod_is_run),
		cmocka_unit_test(the_images_configuration_counts),
		cmocka_unit_test(compressed_modules),
		cmocka_unit_test(trees_without_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
