// SPDX-License-Identifier: MIT
#include "inspect/system.h"

#include <stdarg.h>
#include <stdio.h>

void hull_system_note(struct hull_system *s, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	s->note = s->note ? hull_arena_printf(&s->arena, "%s; %s", s->note, text)
			  : hull_arena_strdup(&s->arena, text);
}

void hull_system_fini(struct hull_system *s)
{
	hull_tree_fini(&s->tree);
	hull_tree_fini(&s->esp);
	for (size_t i = 0; i < s->nfile_systems; i++)
		hull_ext4_free(s->file_systems[i]);
	for (size_t i = 0; i < s->nother_systems; i++)
		hull_readfs_free(s->other_systems[i]);
	hull_disk_free(s->disk);
	hull_closep(&s->archive_fd);
	hull_lock_fini(&s->lock);
	hull_arena_fini(&s->arena);
	*s = (struct hull_system){.archive_fd = -1};
}
