// SPDX-License-Identifier: MIT
#include "sandbox/meter.h"

#include "sandbox/support.h"

int hull_meter_init(struct hull_meter *m, const struct hull_plan *p, struct hull_err *e)
{
	*m = HULL_METER_NONE;
	m->plan = p;
	return hull_cgroup_start(&m->group, &p->sandbox.limits, e);
}

void hull_meter_fini(struct hull_meter *m)
{
	hull_footprint_fini(&m->footprint);
	hull_watch_fini(&m->watch);
	hull_cgroup_fini(&m->group);
}

static int pass(enum hull_sandbox_end end, enum hull_sandbox_end *out_end)
{
	*out_end = end;
	return 1;
}

static void note_memory(struct hull_meter *m, uint64_t bytes)
{
	if (bytes > m->peak_memory_bytes)
		m->peak_memory_bytes = bytes;
}

static int look_at_processes(struct hull_meter *m, enum hull_sandbox_end *out_end)
{
	const struct hull_limits *max = &m->plan->sandbox.limits;
	struct hull_usage u;

	hull_watch_look(&m->watch, max, &u);
	/* what is mapped during a look counts as an open file and as a map: not so in the next one */
	if (max->memory_bytes && u.memory_bytes > max->memory_bytes)
		hull_watch_look(&m->watch, max, &u);
	note_memory(m, u.memory_bytes);
	m->near = (max->memory_bytes && u.memory_bytes > max->memory_bytes / 2) ||
		  (max->processes && u.tasks > max->processes / 2);
	if (max->memory_bytes && u.memory_bytes > max->memory_bytes)
		return pass(HULL_END_MEMORY, out_end);
	if (max->processes && u.tasks > max->processes)
		return pass(HULL_END_PROCESSES, out_end);
	return 0;
}

/* The kernel has refused what is above a limit already. */
static int look_at_group(struct hull_meter *m, enum hull_sandbox_end *out_end, struct hull_err *e)
{
	struct hull_cgroup_usage u;

	if (hull_cgroup_look(&m->group, &m->plan->sandbox.limits, &u, e) < 0)
		return -1;
	note_memory(m, u.memory_bytes);
	if (u.over_memory)
		return pass(HULL_END_MEMORY, out_end);
	return u.over_processes ? pass(HULL_END_PROCESSES, out_end) : 0;
}

static int look_at_disk(struct hull_meter *m, int64_t now_ms, enum hull_sandbox_end *out_end,
			struct hull_err *e)
{
	const struct hull_limits *max = &m->plan->sandbox.limits;

	if (!max->disk_bytes && !max->inodes)
		return 0;
	if (hull_footprint_look(&m->footprint, m->watch.proc, max, now_ms, e) < 0)
		return -1;
	if (max->disk_bytes && m->footprint.bytes > max->disk_bytes)
		return pass(HULL_END_DISK, out_end);
	if (max->inodes && m->footprint.inodes + hull_watch_inodes(&m->watch) > max->inodes)
		return pass(HULL_END_INODES, out_end);
	return 0;
}

/* 1: it can be looked at; 0: it has just ended. */
static int start_to_watch(struct hull_meter *m, pid_t first, struct hull_err *e)
{
	if (m->watch.proc >= 0)
		return 1;
	if (hull_watch_init(&m->watch, m->plan, first, e) < 0)
		return e->sys == ENOENT || e->sys == ESRCH ? 0 : -1;
	return hull_footprint_init(&m->footprint, m->plan, first, e) < 0 ? -1 : 1;
}

int hull_meter_look(struct hull_meter *m, pid_t first, int64_t now_ms,
		    enum hull_sandbox_end *out_end, struct hull_err *e)
{
	int r = start_to_watch(m, first, e);

	if (r <= 0)
		return r;
	r = m->group.fd >= 0 ? look_at_group(m, out_end, e) : look_at_processes(m, out_end);
	return r ? r : look_at_disk(m, now_ms, out_end, e);
}

int hull_meter_end(struct hull_meter *m, enum hull_sandbox_end *out_end, struct hull_err *e)
{
	return m->group.fd >= 0 ? look_at_group(m, out_end, e) : 0;
}
