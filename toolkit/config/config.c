// SPDX-License-Identifier: MIT
#include "config/config.h"

#include <stdlib.h>

void hull_config_fini(struct hull_image_config *c)
{
	for (size_t i = 0; i < c->nusers; i++) {
		hull_strv_fini(&c->users[i].groups);
		hull_strv_fini(&c->users[i].ssh_keys);
	}
	for (size_t i = 0; i < c->nnetworks; i++)
		hull_strv_fini(&c->networks[i].name_servers);
	for (struct hull_source_file *s = c->sources; s; s = s->next)
		hull_closep(&s->fd);
	hull_strv_fini(&c->forbidden);
	hull_strv_fini(&c->entrypoint);
	hull_strv_fini(&c->command);
	hull_strv_fini(&c->environment);
	hull_strv_fini(&c->warnings);
	free(c->scripts);
	free(c->partitions);
	free(c->artifacts);
	free(c->wants);
	free(c->files);
	free(c->users);
	free(c->groups);
	free(c->networks);
	free(c->services);
	hull_arena_fini(&c->arena);
	*c = (struct hull_image_config){0};
}
