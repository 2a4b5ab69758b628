// SPDX-License-Identifier: MIT
#include "disk_fixture.h"

#include "base/bytes.h"
#include "fat/fat.h"
#include "fat/fatname.h"
#include "fat/fatread.h"

#define MIB (1024ull * 1024)

static struct hull_fat_file file(const char *path, const void *p, uint64_t n)
{
	return (struct hull_fat_file){
		.path = path, .content = {.memory = p, .dirfd = -1}, .size_bytes = n};
}

static struct hull_fat_options options(uint64_t size_bytes)
{
	return (struct hull_fat_options){.size_bytes = size_bytes,
					 .serial = 0x1234abcd,
					 .label = "HULL ESP",
					 .time = 1700000001};
}

/* Writes "fs" with the file system at an offset; -1 with e set. */
static int try_write(const struct disk_box *b, uint64_t offset, const struct hull_fat_options *o,
		     const struct hull_fat_file *f, size_t n, struct hull_err *e)
{
	struct hull_layout l = {.size_bytes = offset + o->size_bytes};
	int result = hull_fat_add(&l, offset, o, f, n, e);

	if (result == 0)
		box_write_raw(b, "fs", &l);
	else
		assert_int_equal(l.n, 0);
	hull_layout_fini(&l);
	return result;
}

static void fsck_agrees(const struct disk_box *b)
{
	hull_autobuf struct hull_buf out = {0};

	if (box_run(b, &out, "fsck.fat -n fs") != 0)
		fail_msg("%s", out.p);
	/* A first line with its version, a last one with the numbers of files and clusters. */
	if (!strstr(out.p, "fs: ") || strchr(strchr(out.p, '\n') + 1, '\n')[1])
		fail_msg("%s", out.p);
}

static void write_fs(const struct disk_box *b, uint64_t size, const struct hull_fat_file *f,
		     size_t n)
{
	struct hull_fat_options o = options(size);
	struct hull_err e;

	if (try_write(b, 0, &o, f, n, &e) < 0)
		fail_msg("%s", e.msg);
	fsck_agrees(b);
}

static int append(void *arg, const void *p, size_t n, struct hull_err *e)
{
	(void)e;
	hull_buf_add(arg, p, n);
	return 0;
}

/* The node at a path; 0, which is the root, if there is none. */
static size_t find(const struct hull_fat *f, const char *path)
{
	size_t at = HULL_FAT_ROOT;

	while (*path) {
		size_t n = strcspn(path, "/"), i = 1;

		while (i < f->n && (f->v[i].parent != at || strlen(f->v[i].name) != n ||
				    memcmp(f->v[i].name, path, n) != 0))
			i++;
		if (i == f->n)
			return 0;
		at = i;
		path += n + (path[n] == '/');
	}
	return at;
}

/* Our reader gives the same file. */
static void file_is(struct hull_fat *f, const char *path, const void *p, size_t n)
{
	hull_autobuf struct hull_buf out = {0};
	struct hull_err e;
	size_t node = find(f, path);

	if (!node)
		fail_msg("no %s", path);
	assert_false(f->v[node].directory);
	if (hull_fat_read(f, node, append, &out, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(out.n, n);
	if (n)
		assert_memory_equal(out.p, p, n);
}

static void open_fs(struct hull_fat *f, struct hull_disk *d, uint64_t offset)
{
	struct hull_err e;

	if (hull_fat_open(f, d, offset, hull_disk_size(d) - offset, &e) < 0)
		fail_msg("%s", e.msg);
}

static void an_esp(void **state)
{
	enum { KERNEL = 3 * 1024 * 1024 + 17, OFFSET = 1024 * 1024 };
	static const char conf[] = "timeout 0\n";
	hull_autofree uint8_t *kernel = hull_alloc(KERNEL);
	hull_autobuf struct hull_buf out = {0};
	struct hull_fat_options o = options(64 * MIB);
	struct hull_fat_file files[] = {
		file("EFI/BOOT/BOOTX64.EFI", kernel, KERNEL),
		file("loader/loader.conf", conf, sizeof conf - 1),
		file("loader/empty", NULL, 0),
	};
	hull_autodisk struct hull_disk *d = NULL;
	struct hull_fat f;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	fill(kernel, KERNEL, 1);
	box_write(&b, "kernel", kernel, KERNEL);
	write_fs(&b, 64 * MIB, files, 3);
	assert_int_equal(try_write(&b, OFFSET, &o, files, 3, &e), 0);
	box_must(&b, "mcopy -i fs@@1M ::/EFI/BOOT/BOOTX64.EFI copy && cmp copy kernel");
	assert_int_equal(box_run(&b, &out, "mtype -i fs@@1M ::/loader/loader.conf"), 0);
	assert_string_equal(out.p, conf);
	assert_int_equal(box_run(&b, &out, "TZ=UTC mdir -i fs@@1M -/ ::/"), 0);
	assert_non_null(strstr(out.p, "Volume in drive : is HULL ESP"));
	assert_non_null(strstr(out.p, "Volume Serial Number is 1234-ABCD"));
	assert_non_null(strstr(out.p, "BOOTX64  EFI   3145745 2023-11-14  22:13 \n"));
	assert_non_null(strstr(out.p, "LOADER~1 CON        10 2023-11-14  22:13  loader.conf"));
	assert_non_null(strstr(out.p, "EMPTY                0 2023-11-14  22:13  empty"));
	d = box_open(&b, "fs");
	open_fs(&f, d, OFFSET);
	assert_int_equal(f.bits, 32);
	assert_int_equal(f.serial, 0x1234abcd);
	assert_string_equal(f.label, "HULL ESP");
	assert_int_equal(f.n, 7);
	assert_true(f.size_bytes == 64 * MIB);
	for (size_t i = 1; i < f.n; i++)
		assert_int_equal(f.v[i].mtime, 1700000000);
	file_is(&f, "EFI/BOOT/BOOTX64.EFI", kernel, KERNEL);
	file_is(&f, "loader/loader.conf", conf, sizeof conf - 1);
	file_is(&f, "loader/empty", NULL, 0);
	assert_true(f.v[find(&f, "EFI/BOOT")].directory);
	assert_int_equal(find(&f, "EFI/BOOTS"), 0);
	hull_fat_fini(&f);
	box_fini(&b);
}

/* 255 units: 'x', then three times the two of a pair, then more of the other. */
static char *longest_name(void)
{
	struct hull_buf name = {0};

	hull_buf_adds(&name, "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
	while (name.n < 12 + 249)
		hull_buf_addc(&name, 'x');
	return hull_buf_steal(&name);
}

static void odd_names(void **state)
{
	hull_autofree char *longest = longest_name();
	const char *names[] = {
		"UPPER.TXT",
		"lower.txt",
		"Mixed.Txt",
		".hidden",
		"two.dots.c",
		"no extension",
		"trailing~1.x",
		"a+b=c;[d],e",
		"exactly8.abc",
		"exactly13.ch",
		"twelve.chars",
		"thirteen.char",
		"\xc3\xa4\xe2\x82\xac.txt",
		"  leading",
		"LOADER~1.CON",
		"loader.conf",
		"loader.configuration",
		"loader.con.x",
		"{}~!@#$%^&()_-.''`",
		"NUL",
		"x",
		"deep/er/x",
		"..x",
		"...y.z",
		"12345678.1234",
		"123456789.123",
		longest,
	};
	enum { N = sizeof names / sizeof *names };
	struct hull_fat_file files[N];
	hull_autodisk struct hull_disk *d = NULL;
	struct hull_arena a = {0};
	struct hull_fat f;
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < N; i++)
		files[i] = file(names[i], names[i], strlen(names[i]));
	write_fs(&b, 33 * MIB, files, N);
	d = box_open(&b, "fs");
	open_fs(&f, d, 0);
	assert_int_equal(f.n, N + 1 + 2);
	for (size_t i = 0; i < N; i++)
		file_is(&f, names[i], names[i], strlen(names[i]));
	/* The aliases are names as well. */
	box_must(&b, "test \"$(mtype -i fs ::/LOADER~1.CON)\" = LOADER~1.CON");
	box_must(&b, "test \"$(mtype -i fs ::/LOADER~2.CON)\" = loader.conf");
	box_must(&b, "test \"$(mtype -i fs ::/LOADER~3.CON)\" = loader.configuration");
	box_must(&b, "test \"$(mtype -i fs ::/loader.con.x)\" = loader.con.x");
	box_must(&b, "test \"$(mtype -i fs ::/HIDDEN~1)\" = .hidden");
	hull_fat_fini(&f);
	hull_arena_fini(&a);
	box_fini(&b);
}

/* Many files whose names begin alike, and deep directories; mtools copies the tree out again. */
static void many_files_and_deep_directories(void **state)
{
	enum { MANY = 3000, DEEP = 60 };
	hull_autofree struct hull_fat_file *files = hull_alloc_array(MANY + 1, sizeof *files);
	hull_autodisk struct hull_disk *d = NULL;
	hull_autobuf struct hull_buf deep = {0};
	struct hull_arena a = {0};
	struct hull_fat f;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < MANY; i++) {
		const char *path = hull_arena_printf(&a, "many/configuration of unit %zu", i);

		files[i] = file(path, path, i % 700 ? strlen(path) : 0);
	}
	for (int i = 0; i < DEEP; i++)
		hull_buf_addf(&deep, "Directory %d/", i);
	hull_buf_adds(&deep, "file");
	files[MANY] = file(deep.p, "deep", 4);
	write_fs(&b, 36 * MIB, files, MANY + 1);
	for (size_t i = 0; i <= MANY; i++) {
		hull_autofree char *path = hull_asprintf("want/%s", files[i].path);
		hull_autofree char *directory = hull_strdup(path);

		*strrchr(directory, '/') = '\0';
		assert_int_equal(hull_mkdirs(b.fd, directory, 0755, &e), 0);
		box_write(&b, path, files[i].content.memory, files[i].size_bytes);
	}
	box_must(&b, "mkdir got && mcopy -s -n -i fs '::/*' got && diff -r want got");
	d = box_open(&b, "fs");
	open_fs(&f, d, 0);
	assert_int_equal(f.n, 1 + 1 + MANY + DEEP + 1);
	file_is(&f, deep.p, "deep", 4);
	file_is(&f, files[MANY - 1].path, files[MANY - 1].path, files[MANY - 1].size_bytes);
	hull_fat_fini(&f);
	hull_arena_fini(&a);
	box_fini(&b);
}

static void exactly_full(void **state)
{
	const uint64_t size = 33 * MIB;
	hull_autofree uint8_t *p = NULL;
	hull_autodisk struct hull_disk *d = NULL;
	struct hull_fat_options o = options(size);
	struct hull_fat_file files[2];
	struct hull_fat f;
	struct hull_err e;
	uint64_t room;
	struct disk_box b;

	(void)state;
	box_init(&b);
	write_fs(&b, size, NULL, 0);
	d = box_open(&b, "fs");
	open_fs(&f, d, 0);
	assert_int_equal(f.cluster_bytes, 512);
	room = (uint64_t)(f.clusters - 1) * f.cluster_bytes;
	hull_fat_fini(&f);
	p = hull_alloc(room + 512);
	fill(p, room + 512, 2);
	files[0] = file("SMALL", p, 512);
	files[1] = file("LARGE", p, room - 512);
	write_fs(&b, size, files, 2);
	box_write(&b, "large", p, room - 512);
	box_must(&b, "mcopy -i fs ::/LARGE copy && cmp copy large");
	hull_disk_free(d);
	d = box_open(&b, "fs");
	open_fs(&f, d, 0);
	file_is(&f, "LARGE", p, room - 512);
	hull_fat_fini(&f);
	assert_true(hull_fat_min_bytes(files, 2) == size);
	files[1].size_bytes++;
	assert_int_equal(try_write(&b, 0, &o, files, 2, &e), -1);
	assert_string_equal(e.msg, "FAT: the files need 34054656 bytes in clusters of 512; a file "
				   "system of 34603008 bytes has room for 34054144");
	assert_true(hull_fat_min_bytes(files, 2) == size + MIB);
	o.size_bytes = size + MIB;
	assert_int_equal(try_write(&b, 0, &o, files, 2, &e), 0);
	fsck_agrees(&b);
	box_fini(&b);
}

/* Directories grow over clusters: an entry more than a cluster holds takes another. */
static void directories_at_the_end_of_a_cluster(void **state)
{
	struct hull_fat_file files[18];
	hull_autodisk struct hull_disk *d = NULL;
	char names[18][8];
	struct hull_fat f;
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < 18; i++) {
		snprintf(names[i], sizeof names[i], "D/F%zu", i);
		files[i] = file(names[i], names[i], 4);
	}
	for (size_t n = 13; n <= 18; n++) {
		uint32_t used = n + 2 <= 16 ? 1 : 2;

		write_fs(&b, 33 * MIB, files, n);
		hull_disk_free(d);
		d = box_open(&b, "fs");
		open_fs(&f, d, 0);
		assert_int_equal(f.n, n + 2);
		assert_int_equal(f.v[2].first_cluster, 3 + used);
		file_is(&f, names[n - 1], names[n - 1], 4);
		hull_fat_fini(&f);
	}
	box_fini(&b);
}

static void sizes_and_clusters(void **state)
{
	static const struct {
		uint64_t size;
		uint32_t cluster;
	} cases[] = {
		{33 * MIB, 512},	 {260 * MIB, 512},
		{260 * MIB + 512, 4096}, {1000 * MIB + 7 * 512, 4096},
		{8193 * MIB, 8192},	 {33000 * MIB, 32768},
	};
	struct hull_fat_file files[] = {file("A/B", "text", 4)};
	struct disk_box b;

	(void)state;
	box_init(&b);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autodisk struct hull_disk *d = NULL;
		struct hull_fat f;

		write_fs(&b, cases[i].size, files, 1);
		d = box_open(&b, "fs");
		open_fs(&f, d, 0);
		assert_int_equal(f.cluster_bytes, cases[i].cluster);
		assert_int_equal(f.data_offset % 4096, 0);
		assert_in_range(f.clusters, 65525, 0x0ffffff4);
		file_is(&f, "A/B", "text", 4);
		hull_fat_fini(&f);
	}
	assert_true(hull_fat_min_bytes(NULL, 0) == 33 * MIB);
	box_fini(&b);
}

static void refused(const struct hull_fat_options *o, const struct hull_fat_file *f, size_t n,
		    const char *want)
{
	struct hull_layout l = {.size_bytes = o->size_bytes};
	struct hull_err e;

	assert_int_equal(hull_fat_add(&l, 0, o, f, n, &e), -1);
	if (!strstr(e.msg, want))
		fail_msg("'%s', not '%s'", e.msg, want);
	assert_int_equal(l.n, 0);
	hull_layout_fini(&l);
}

static void what_fat_cannot_have(void **state)
{
	static const char *const names[][2] = {
		{"", "an empty name"},
		{"/x", "/x: FAT: an empty name"},
		{"a//b", "a//b: FAT: an empty name"},
		{"a/", "a/: FAT: an empty name"},
		{".", "the name '.' ends in a dot or a space"},
		{"a/../b", "the name '..' ends in a dot or a space"},
		{"x.", "ends in a dot or a space"},
		{"x ", "ends in a dot or a space"},
		{"x/y /z", "x/y /z: FAT: the name 'y ' ends in a dot or a space"},
		{"a:b", "the name 'a:b' has a character that is not allowed"},
		{"a\\b", "not allowed"},
		{"a\tb", "not allowed"},
		{"a*", "not allowed"},
		{"\xff", "is no UTF-8"},
		{"\xed\xa0\x80", "is no UTF-8"},
	};
	hull_autofree char *longest = longest_name();
	hull_autofree char *longer = hull_asprintf("%sx", longest);
	struct hull_fat_options o = options(33 * MIB);
	struct hull_fat_file two[2] = {file("Dir/File", "x", 1), file("DIR/FILE", "x", 1)};
	struct hull_fat_file one = file(longer, "x", 1);

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct hull_fat_file f = file(names[i][0], "x", 1);

		refused(&o, &f, 1, names[i][1]);
	}
	refused(&o, &one, 1, "longer than 255 UTF-16 units");
	one = file("big", "x", 1ull << 32);
	refused(&o, &one, 1, "big: FAT: a file of 4294967296 bytes; at most 4294967295");
	refused(&o, two, 2, "DIR/FILE: FAT: there is something else of that name");
	two[1].path = "dir/file/x";
	refused(&o, two, 2, "dir/file/x: FAT: there is something else of that name");
	two[1].path = "dir";
	refused(&o, two, 2, "dir: FAT: there is something else of that name");
	o.label = "lower";
	refused(&o, NULL, 0, "the label 'lower'");
	o.label = "TWELVE CHARS";
	refused(&o, NULL, 0, "the label 'TWELVE CHARS'");
	o.label = NULL;
	o.size_bytes = 33 * MIB - 512;
	refused(&o, NULL, 0, "FAT32 cannot be 34602496 bytes large: at least 34603008");
	o.size_bytes = 1ull << 42;
	refused(&o, NULL, 0, "FAT32 cannot be");
	o.size_bytes = 33 * MIB + 1;
	refused(&o, NULL, 0, "not whole sectors of 512");
}

static void too_many_entries(void **state)
{
	enum { N = 32768 };
	hull_autofree struct hull_fat_file *files = hull_alloc_array(N, sizeof *files);
	struct hull_fat_options o = options(64 * MIB);
	struct hull_arena a = {0};

	(void)state;
	for (size_t i = 0; i < N; i++)
		files[i] = file(hull_arena_printf(&a, "d/long name %zu", i), NULL, 0);
	refused(&o, files, N, "its directory has more than 65536 entries");
	hull_arena_fini(&a);
}

static void times_are_within_range(void **state)
{
	static const struct {
		int64_t time, want;
	} cases[] = {
		{0, 315532800},		{-5, 315532800},	  {315532803, 315532802},
		{951827696, 951827696}, {5000000000, 4354819198},
	};
	struct hull_fat_options o = options(33 * MIB);
	struct hull_fat_file files[] = {file("X", "x", 1)};
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	o.label = NULL;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autodisk struct hull_disk *d = NULL;
		struct hull_fat f;

		o.time = cases[i].time;
		assert_int_equal(try_write(&b, 0, &o, files, 1, &e), 0);
		fsck_agrees(&b);
		d = box_open(&b, "fs");
		open_fs(&f, d, 0);
		assert_int_equal(f.v[1].mtime, cases[i].want);
		assert_string_equal(f.label, "");
		hull_fat_fini(&f);
	}
	box_fini(&b);
}

/* File systems of other programs, of all three widths. */
static void file_systems_of_mkfs(void **state)
{
	static const struct {
		int bits;
		const char *options;
	} cases[] = {
		{12, "-F 12 -C fs 1440"},	 {12, "-F 12 -s 4 -S 1024 -C fs 2000"},
		{16, "-F 16 -C fs 20000"},	 {32, "-F 32 -C fs 40000"},
		{32, "-F 32 -s 8 -C fs 300000"}, {16, "-F 16 -f 1 -r 1024 -C fs 30000"},
	};
	enum { N = 200 * 1024 + 3 };
	hull_autofree uint8_t *p = hull_alloc(N);
	struct disk_box b;

	(void)state;
	box_init(&b);
	fill(p, N, 5);
	box_write(&b, "data", p, N);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autodisk struct hull_disk *d = NULL;
		struct hull_fat f;

		box_must(&b, "rm -f fs && mkfs.fat -n 'A LABEL' -i 0badcafe %s", cases[i].options);
		box_must(&b, "mmd -i fs ::/dir ::/dir/'A longer name' && mcopy -i fs data ::/A1 && "
			     "mcopy -i fs data ::/dir/'A longer name'/data.copy && "
			     "mcopy -i fs data ::/gone && mdel -i fs ::/A1 && "
			     "mcopy -i fs data ::/dir/lower.txt && : > none && "
			     "mcopy -i fs none ::/none");
		d = box_open(&b, "fs");
		open_fs(&f, d, 0);
		assert_int_equal(f.bits, cases[i].bits);
		assert_int_equal(f.serial, 0x0badcafe);
		assert_string_equal(f.label, "A LABEL");
		assert_int_equal(f.n, 7);
		file_is(&f, "dir/A longer name/data.copy", p, N);
		file_is(&f, "dir/lower.txt", p, N);
		file_is(&f, "gone", p, N);
		file_is(&f, "none", NULL, 0);
		hull_fat_fini(&f);
	}
	box_fini(&b);
}

/* Opens "fs" and reads every file; gives the error. */
static int read_all(const struct disk_box *b, struct hull_err *e)
{
	hull_autodisk struct hull_disk *d = hull_disk_open(b->fd, "fs", b->fd, e);
	struct hull_fat f;
	int result = 0;

	if (!d || hull_fat_open(&f, d, 0, hull_disk_size(d), e) < 0)
		return -1;
	for (size_t i = 0; i < f.n && result == 0; i++)
		if (!f.v[i].directory) {
			hull_autobuf struct hull_buf out = {0};

			result = hull_fat_read(&f, i, append, &out, e);
		}
	hull_fat_fini(&f);
	return result;
}

static void damaged_file_systems(void **state)
{
	uint8_t data[2000];
	struct hull_fat_file files[] = {file("D/FILE", data, sizeof data),
					file("E/X", data, sizeof data)};
	hull_autodisk struct hull_disk *d = NULL;
	uint64_t fat, directory, size;
	struct hull_fat f;
	struct hull_err e;
	struct disk_box b;

	(void)state;
	box_init(&b);
	fill(data, sizeof data, 9);
	write_fs(&b, 33 * MIB, files, 2);
	box_must(&b, "cp fs good");
	d = box_open(&b, "fs");
	open_fs(&f, d, 0);
	fat = f.fat_offset;
	directory = f.data_offset + 512; /* of D, in cluster 3 */
	assert_int_equal(f.v[1].first_cluster, 3);
	assert_int_equal(f.v[3].first_cluster, 5);
	size = hull_disk_size(d);
	hull_fat_fini(&f);

	const struct {
		uint64_t at;
		const char *bytes;
		size_t n;
		const char *want;
	} cases[] = {
		{510, "\0", 1, "fs: FAT boot sector at byte 0: there is none"},
		{11, "\x01\x02", 2, "the size of a sector is out of range"},
		{13, "\x03", 1, "the size of a cluster is no power of two"},
		{13, "\x00", 1, "the size of a cluster is no power of two"},
		{16, "\x00", 1, "its areas do not fit"},
		{36, "\x01\x00", 2, "the FAT is too small"},
		{32, "\x00\x00\x02\x00", 4, "larger than its partition"},
		{13, "\x40", 1, "does not fit the number of clusters"},
		{44, "\x00\x00\x00\x00", 4, "directory '/': it begins in cluster 0, which is none"},
		{44, "\xff\xff\xff\x0f", 4, "directory '/': it begins in cluster 268435455"},
		/* the chain of the root: to itself, free, nowhere */
		{fat + 8, "\x02\x00\x00\x00", 4, "directory '/': too many clusters"},
		{fat + 8, "\x00\x00\x00\x00", 4, "directory '/': FAT at byte"},
		{fat + 8, "\x00\x00\x00\x01", 4,
		 "cluster 2 is followed by 16777216, which is none"},
		/* the chain of D/FILE */
		{fat + 20, "\xff\xff\xff\x0f", 4,
		 "'/D/FILE': its clusters end 1488 bytes before the file does"},
		{fat + 20, "\x00\x00\x00\x00", 4, "'/D/FILE': FAT at byte"},
		/* D/FILE becomes a directory whose entries are its data, and one that is D */
		{directory + 64 + 26, "\x00\x00", 2, "'/D/FILE': its clusters end 2000 bytes"},
		{directory + 64 + 11, "\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\x00", 17,
		 "more than 256 directories deep"},
		{directory + 64 + 4, "/", 1, NULL},
		{directory + 64, " ", 1, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		box_must(&b, "cp --sparse=always good fs");
		box_patch(&b, "fs", cases[i].at, cases[i].bytes, cases[i].n);
		e.msg = "";
		assert_int_equal(read_all(&b, &e), cases[i].want ? -1 : 0);
		if (cases[i].want && !strstr(e.msg, cases[i].want))
			fail_msg("case %zu: %s", i, e.msg);
	}
	for (uint64_t at = 0; at < size; at = at ? at * 3 : 1) {
		box_must(&b, "cp --sparse=always good fs");
		box_truncate(&b, "fs", at);
		assert_int_equal(read_all(&b, &e), -1);
	}
	box_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_esp),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(many_files_and_deep_directories),
		cmocka_unit_test(exactly_full),
		cmocka_unit_test(directories_at_the_end_of_a_cluster),
		cmocka_unit_test(sizes_and_clusters),
		cmocka_unit_test(what_fat_cannot_have),
		cmocka_unit_test(too_many_entries),
		cmocka_unit_test(times_are_within_range),
		cmocka_unit_test(file_systems_of_mkfs),
		cmocka_unit_test(damaged_file_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
