// SPDX-License-Identifier: MIT
#include "keys/signaturetar.h"

#include <archive.h>
#include <archive_entry.h>

static int fail(struct hull_signature_tar *t, const char *what, struct hull_err *e)
{
	const char *why = archive_error_string(t->archive);

	return hull_fail(e, HULL_FAILED, "archive of signatures: %s: %s", what,
			 why ? why : "libarchive failed");
}

static la_ssize_t on_write(struct archive *a, void *context, const void *p, size_t n)
{
	(void)a;
	hull_buf_add(context, p, n);
	return (la_ssize_t)n;
}

int hull_signature_tar_init(struct hull_signature_tar *t, struct hull_buf *out, struct hull_err *e)
{
	int r = 0;

	t->archive = archive_write_new();
	t->entry = archive_entry_new();
	hull_assert(t->archive && t->entry);
	if (archive_write_set_format_pax_restricted(t->archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(t->archive, 1) != ARCHIVE_OK ||
	    archive_write_open(t->archive, out, NULL, on_write, NULL) != ARCHIVE_OK) {
		r = fail(t, "its beginning", e);
		hull_signature_tar_fini(t);
	}
	return r;
}

int hull_signature_tar_add(struct hull_signature_tar *t, const char *name,
			   const struct hull_buf *content, struct hull_err *e)
{
	archive_entry_clear(t->entry);
	archive_entry_set_pathname(t->entry, name);
	archive_entry_set_mode(t->entry, AE_IFREG | 0644);
	archive_entry_set_uid(t->entry, 0);
	archive_entry_set_gid(t->entry, 0);
	archive_entry_set_mtime(t->entry, 0, 0);
	archive_entry_set_size(t->entry, (la_int64_t)content->n);
	/* a warning is something that the archive does not say as it should */
	if (archive_write_header(t->archive, t->entry) != ARCHIVE_OK ||
	    archive_write_data(t->archive, content->p, content->n) != (la_ssize_t)content->n)
		return fail(t, name, e);
	return 0;
}

int hull_signature_tar_end(struct hull_signature_tar *t, struct hull_err *e)
{
	return archive_write_close(t->archive) == ARCHIVE_OK ? 0 : fail(t, "its end", e);
}

void hull_signature_tar_fini(struct hull_signature_tar *t)
{
	archive_entry_free(t->entry);
	archive_write_free(t->archive);
	*t = (struct hull_signature_tar){0};
}
