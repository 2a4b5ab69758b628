// SPDX-License-Identifier: MIT
#include "image/configsteps.h"

#include "base/file.h"

size_t hull_config_steps(const struct hull_image_config *c, struct hull_arena *a,
			 const struct hull_run_step **out)
{
	struct hull_run_step *v = hull_arena_array(a, c->nscripts + 1, sizeof *v);

	for (size_t i = 0; i < c->nscripts; i++) {
		const struct hull_config_script *script = &c->scripts[i];
		struct hull_scriptlet *s = hull_arena_alloc(a, sizeof *s);

		*s = (struct hull_scriptlet){
			.kind = HULL_POSTTRANS,
			.name = hull_arena_printf(a, "%s %s", script->member, script->path),
			.program = script->program,
			.body = script->body,
			.critical = true};
		v[i] = (struct hull_run_step){
			.package = hull_arena_strdup(a, hull_basename(c->path)),
			.scriptlet = s,
			.arguments = {script->arguments[0], script->arguments[1]},
			.fatal = true};
	}
	*out = v;
	return c->nscripts;
}
