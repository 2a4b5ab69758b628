// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

/*
 * The job server: one token for each core, in a fifo that GNU make (4.4 and later), ninja and go
 * (through macros/with-tokens) of all build roots share. A build holds one token from its start to
 * its end; what it runs in parallel takes further ones. Protocol: GNU make manual, "POSIX Jobserver
 * Interaction".
 */
struct hull_tokens {
	char *path; /* absolute path of the fifo */
	int fd;	    /* read and write end, non-blocking; poll it for POLLIN before taking */
	int total;
};

HULL_CHECKED int hull_tokens_init(struct hull_tokens *t, const struct hull_store *s, int total,
				  struct hull_err *e);
void hull_tokens_fini(struct hull_tokens *t);

bool hull_tokens_take(struct hull_tokens *t); /* false: none is free */
void hull_tokens_give(struct hull_tokens *t);

/* When nothing runs: puts back what killed builds took with them. */
void hull_tokens_refill(struct hull_tokens *t);
