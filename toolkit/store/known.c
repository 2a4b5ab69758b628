// SPDX-License-Identifier: MIT
#include "store/known.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "store/storepath.h"

struct hull_known {
	json_t *paths;		   /* a set; NULL: nothing was read yet */
	struct hull_store_path at; /* of the list; empty if this start of the machine has no name */
	uint64_t read_bytes;	   /* of it */
};

struct hull_known *hull_known_new(void)
{
	return hull_alloc(sizeof(struct hull_known));
}

void hull_known_free(struct hull_known *known)
{
	if (known)
		json_decref(known->paths);
	free(known);
}

static void find_list(struct hull_known *known)
{
	char boot[HULL_BOOT_ID];

	known->paths = json_object();
	if (hull_boot_id(boot))
		known->at = hull_store_path(HULL_STORE_CHECKED, boot);
}

/* What others have written since, such as a process that took in what was built. */
static void read_on(struct hull_known *known, int store_fd)
{
	hull_autofd int fd = openat(store_fd, known->at.path, O_RDONLY | O_CLOEXEC);
	hull_autobuf struct hull_buf text = {0};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_size <= known->read_bytes ||
	    lseek(fd, (off_t)known->read_bytes, SEEK_SET) < 0 || hull_fd_read(fd, &text, NULL) < 0)
		return;
	for (char *line = text.p, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		json_object_set_new(known->paths, line, json_true());
		known->read_bytes += (uint64_t)(end + 1 - line);
	}
}

bool hull_known_has(struct hull_known *known, int store_fd, const char *path)
{
	if (!known->paths)
		find_list(known);
	if (!json_object_get(known->paths, path))
		read_on(known, store_fd);
	return json_object_get(known->paths, path) != NULL;
}

void hull_known_add(struct hull_known *known, int store_fd, const char *path)
{
	hull_autofree char *line = hull_asprintf("%s\n", path);
	hull_autofd int fd = -1;

	if (!*path || hull_known_has(known, store_fd, path))
		return;
	json_object_set_new(known->paths, path, json_true());
	/* a line that is cut off names nothing */
	fd = openat(store_fd, known->at.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0)
		hull_ignore(hull_fd_write(fd, line, strlen(line), NULL));
}
