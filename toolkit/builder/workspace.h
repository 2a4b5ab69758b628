// SPDX-License-Identifier: MIT
#pragma once

#include "base/progress.h"
#include "builder/inputs.h"
#include "builder/record.h"
#include "builder/stages.h"
#include "graph/graph.h"
#include "keys/keyring.h"
#include "seed/seed.h"
#include "solve/pool.h"
#include "spec/spec.h"

/*
 * What is known of every spec of a tree while builds are planned and run. Each spec is a node. Its
 * packages are in the pool, first as declared (plus what was learned from its last build), then,
 * once it is built or found in the store, as they really are. A node is resolved when its build
 * root's closure consists of real packages only: then its key is known, and with it whether it has
 * to be built.
 */

enum hull_spec_state {
	HULL_SPEC_IDLE,	   /* nobody asked for it */
	HULL_SPEC_WAITING, /* for nodes of its build root, or for its turn */
	HULL_SPEC_READY,   /* key known, not in the store: to be built, or being built */
	HULL_SPEC_DONE,	   /* its packages are in the store and in the pool */
	HULL_SPEC_FAILED,  /* its build, or its BuildRequires */
	HULL_SPEC_BLOCKED, /* a node in its build root failed */
};

struct hull_spec_node {
	const struct hull_spec *spec; /* once the key is known, with what hull has made for it */
	enum hull_spec_state state;
	bool built;	 /* in this run */
	int vertex;	 /* in the graph; -1 while IDLE */
	hull_pkgid *ids; /* its packages in the pool, in the arena */
	size_t nids;
	struct hull_record latest; /* json NULL: never built */
	struct hull_record result; /* when DONE */
	struct hull_pkgset root;   /* closure, when the key is known */
	json_t *inputs;		   /* not NULL: the key is known */
	char key[HULL_HEX];
	json_t *passed_inputs; /* of a build whose %check may fail: those with which it counts if it */
	char passed_key[HULL_HEX]; /* passes; NULL for others */
	struct hull_generated generated;
	bool generating; /* READY for its %generate_buildrequires, with the key of the root for that */
	bool force;	 /* to be built in this run, if there is a build or not */
	bool circular; /* FAILED because it needs itself */
	char *error;   /* when FAILED, or from next */
};

struct hull_workspace {
	const struct hull_store *store;
	const struct hull_specs *specs;
	const struct hull_seed *seed;
	const struct hull_keyring *keyring;
	const char *arch;
	char macros[HULL_HEX];
	struct hull_arena arena;
	struct hull_pool *pool;
	struct hull_graph *graph; /* of the nodes that were asked for */
	int *by_vertex;		  /* graph node -> index in nodes */
	size_t by_vertex_cap;
	struct hull_spec_node *nodes; /* as specs->v */
	size_t n;
	hull_pkgid seed_id; /* the pool's package that stands for the seed */
	struct hull_build_rules rules;
};

struct hull_workspace_request {
	const struct hull_store *store;
	const struct hull_specs *specs;	    /* has to outlive the workspace */
	const struct hull_seed *seed;	    /* likewise */
	const struct hull_keyring *keyring; /* likewise */
	const char *arch, *macros;	    /* macros: digest, see spec/macros.h */
	struct hull_build_rules rules;	    /* its lists have to outlive the workspace */
};

HULL_CHECKED int hull_workspace_init(struct hull_workspace *w,
				     const struct hull_workspace_request *r, struct hull_err *e);
void hull_workspace_fini(struct hull_workspace *w);

/* Asks for a node and, with it, for the nodes of its build root. Mistakes mark nodes FAILED. */
void hull_workspace_want(struct hull_workspace *w, size_t node);

/*
 * After all is asked for: nodes that need each other in a circle become FAILED, those that need a FAILED
 * one BLOCKED. The others can be planned.
 */
void hull_workspace_settle(struct hull_workspace *w);

/* After that: -1 with every mistake in e: unknown BuildRequires, cycles. */
HULL_CHECKED int hull_workspace_check(struct hull_workspace *w, struct hull_err *e);

/* A FAILED node that a BLOCKED one needs. */
const struct hull_spec_node *hull_workspace_blocker(const struct hull_workspace *w, size_t node);

/*
 * The next node to build (READY), or -1 when none can be started now. Nodes that are found in the
 * store on the way become DONE. The caller ends a node with done, failed or later; with failed at
 * once if the node has an `error`: what it needs was built, but its build root cannot be put
 * together.
 */
int hull_workspace_next(struct hull_workspace *w);

/* The node's build has written its record: 1; or its %generate_buildrequires was run, and next may return
 * it again: 0. -1 if what was written cannot be read: the node is FAILED then. */
HULL_CHECKED int hull_workspace_done(struct hull_workspace *w, size_t node, struct hull_err *e);

/* The build failed: everything that needs it is BLOCKED; their names go to *out_blocked. */
void hull_workspace_failed(struct hull_workspace *w, size_t node, const char *error,
			   struct hull_strv *out_blocked);

/* It was not started after all: next may return it again. */
void hull_workspace_later(struct hull_workspace *w, size_t node);

/* The job of a node whose key is known, as hull_job_new: a directory relative to the store. The
 * caller frees. */
HULL_CHECKED char *hull_workspace_job(struct hull_workspace *w, size_t node, struct hull_err *e);

/* Why a READY node is built (see hull_inputs_explain); for one that waits: what it waits for. */
void hull_workspace_why(struct hull_workspace *w, size_t node, struct hull_strv *out);

/* Expected wall time: that of the last build, else a default. */
int64_t hull_workspace_expected_ms(const struct hull_spec_node *node);
