// SPDX-License-Identifier: MIT
#include "payload/rpmdb.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "rpm/database.h"

/* What rpm prints for a tag that is not there. */
static const char *or_none(const char *s)
{
	return s ? s : "(none)";
}

/* Name, version-release, times, vendor, epoch, size, arch, epoch as a number, source. */
static void add_line(const struct hull_package *p, int64_t time, struct hull_buf *out)
{
	hull_buf_addf(out, "%s\t%s-%s\t%" PRId64 "\t%" PRId64 "\t%s\t", p->name, p->version,
		      p->release, time, p->build_time, or_none(p->vendor));
	if (p->epoch)
		hull_buf_addf(out, "%u", p->epoch);
	else
		hull_buf_adds(out, or_none(NULL));
	hull_buf_addf(out, "\t%" PRIu64 "\t%s\t%u\t%s\n", p->installed_bytes, p->arch, p->epoch,
		      or_none(p->source_rpm));
}

static int add_file(struct hull_tree *t, const char *path, const struct hull_buf *bytes,
		    int64_t time, struct hull_err *e)
{
	return hull_tree_put_file(t, path, bytes->p, bytes->n, 0644, time, e) < 0 ? -1 : 0;
}

static bool is_installed(void *context, const char *path)
{
	return hull_tree_find(context, path) != HULL_NO_NODE;
}

static int make_database(const struct hull_store *s, const struct hull_packages *p, int64_t time,
			 struct hull_tree *t, struct hull_buf *out, struct hull_err *e)
{
	hull_autodatabase struct hull_database *d = NULL;
	uint32_t color = HULL_COLOR_NONE;

	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->v[i].arch, "x86_64"))
			color = HULL_COLOR_MULTILIB;
	d = hull_database_new(time, color, e);
	if (!d)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, p->v[i].sha256);

		if (hull_database_add(d, s->fd, rpm.path, is_installed, t, e) < 0)
			return hull_wrap(e, "%s: store: ", p->v[i].name);
	}
	return hull_database_finish(d, out, e);
}

int hull_rpmdb_add(const struct hull_store *s, const struct hull_packages *p, int64_t time,
		   bool with_database, struct hull_tree *t, struct hull_err *e)
{
	hull_autobuf struct hull_buf lines = {0}, database = {0};

	for (size_t i = 0; i < p->n; i++)
		add_line(&p->v[i], time, &lines);
	if (add_file(t, "/var/lib/rpmmanifest/container-manifest-2", &lines, time, e) < 0)
		return -1;
	if (!with_database)
		return 0;
	if (make_database(s, p, time, t, &database, e) < 0)
		return -1;
	return add_file(t, "/usr/lib/sysimage/rpm/rpmdb.sqlite", &database, time, e);
}
