// SPDX-License-Identifier: MIT
#include "reproduce/elsewhere.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/failure.h"
#include "sandbox/runner.h"

/* The assembler reads it; module.mk makes this file depend on it. */
__asm__(".pushsection .rodata\n"
	"hull_elsewhere_source:\n"
	".incbin \"toolkit/reproduce/inside/preload.c\"\n"
	"hull_elsewhere_source_end:\n"
	".popsection\n");
extern const char hull_elsewhere_source[] __attribute__((visibility("hidden"))),
	hull_elsewhere_source_end[] __attribute__((visibility("hidden")));

static const char library[] = "/hull/elsewhere.so";

const char *const hull_elsewhere_natives[HULL_ELSEWHERE_NATIVES] = {
	"hull: -march=native", "hull: -mcpu=native", "hull: -mtune=native",
	"hull: -Ctarget-cpu=native", "hull: target-cpu=native"};

static int write_files(const struct hull_elsewhere *x, struct hull_err *e)
{
	hull_autofree char *etc = hull_asprintf("%s/etc", x->dir);
	hull_autofree char *preload = hull_asprintf("%s/ld.so.preload", etc);
	hull_autofree char *source = hull_asprintf("%s/elsewhere.c", x->dir);
	const char *text = hull_elsewhere_source;

	if (hull_mkdirs(x->store->fd, etc, 0755, e) < 0 ||
	    hull_file_write(x->store->fd, preload, library, sizeof library - 1, 0644, e) < 0)
		return -1;
	return hull_file_write(x->store->fd, source, text,
			       (size_t)(hull_elsewhere_source_end - text), 0644, e);
}

static int compile(const struct hull_elsewhere *x, const struct hull_job_place *p,
		   struct hull_err *e)
{
	static const char *const argv[] = {"/usr/bin/gcc", "-std=gnu17",  "-O2",
					   "-shared",	   "-fPIC",	  "-o",
					   "elsewhere.so", "elsewhere.c", NULL};
	static const char *const envp[] = {"PATH=/usr/bin", "LC_ALL=C.UTF-8", NULL};
	hull_autofree char *dir = hull_asprintf("%s/%s", x->store->path, x->dir);
	hull_autofree char *log = hull_asprintf("%s/log", x->dir);
	const struct hull_mount mounts[] = {
		{.kind = HULL_MOUNT_TMPFS, .target = "/hull"},
		{.kind = HULL_MOUNT_RW, .target = "/hull/build", .source = dir},
	};
	hull_autofd int fd =
		openat(x->store->fd, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	struct hull_sandbox s = {.root = p->seed_path,
				 .mounts = mounts,
				 .nmounts = sizeof mounts / sizeof *mounts,
				 .argv = (char *const *)argv,
				 .envp = (char *const *)envp,
				 .cwd = "/hull/build",
				 .hostname = "build",
				 .log = fd,
				 .limits = p->limits};
	hull_autobuf struct hull_buf text = {0}, quoted = {0};
	struct hull_sandbox_result r;

	if (fd < 0)
		return hull_fail_errno(e, "store %s: %s", x->store->path, log);
	if (hull_sandbox_run(&s, &r, e) < 0)
		return -1;
	if (r.end == HULL_END_STOPPED)
		return hull_fail(e, HULL_INTERRUPTED, "interrupted");
	if (r.end == HULL_END_EXIT && r.status == 0)
		return 0;
	if (hull_failure_log(x->store->fd, log, &text, e) < 0)
		return -1;
	hull_failure_quote(text.p ? text.p : "", &quoted);
	return hull_fail(e, HULL_FAILED, "the seed's gcc cannot compile it\n%-s",
			 quoted.p ? quoted.p : "");
}

int hull_elsewhere_init(struct hull_elsewhere *x, const struct hull_job_place *p,
			struct hull_err *e)
{
	const struct hull_store *s = p->store;

	*x = (struct hull_elsewhere){.store = s, .dir = hull_store_tmp(s, e)};
	if (!x->dir)
		return -1;
	if (write_files(x, e) < 0 || compile(x, p, e) < 0) {
		hull_elsewhere_fini(x);
		return hull_wrap(e, "conditions of the second build: ");
	}
	x->etc[0] = hull_asprintf("%s/%s/etc", s->path, x->dir);
	x->etc[1] = hull_asprintf("%s/etc", p->seed_path);
	x->library = hull_asprintf("%s/%s/elsewhere.so", s->path, x->dir);
	x->mounts[0] =
		(struct hull_mount){.kind = HULL_MOUNT_RO, .target = library, .source = x->library};
	x->mounts[1] = (struct hull_mount){.kind = HULL_MOUNT_UNION,
					   .target = "/etc",
					   .layers = (const char *const *)x->etc,
					   .nlayers = 2};
	return 0;
}

void hull_elsewhere_fini(struct hull_elsewhere *x)
{
	if (x->dir)
		hull_ignore(hull_remove_tree(x->store->fd, x->dir, NULL));
	hull_freep(&x->dir);
	hull_freep(&x->etc[0]);
	hull_freep(&x->etc[1]);
	hull_freep(&x->library);
}
