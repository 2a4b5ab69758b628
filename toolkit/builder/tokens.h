// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>

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
	int held; /* by builds, one each */
	int kept; /* not in the fifo: what ended has given it back, and nobody asked for it yet */
	int64_t asked_ms; /* since when there is none; 0: nobody waits */
};

HULL_CHECKED int hull_tokens_init(struct hull_tokens *t, const struct hull_store *s, int total,
				  struct hull_err *e);
void hull_tokens_fini(struct hull_tokens *t);

/*
 * For a build; false: none is free. Builds can take all tokens and never give them back: who asks in
 * vain for 20 seconds gets one as long as fewer builds than tokens run.
 */
bool hull_tokens_take(struct hull_tokens *t, int64_t now_ms);

/* Of a build that has ended. The next one to be started has it first, tools only after a call of
 * hull_tokens_settle. */
void hull_tokens_give(struct hull_tokens *t);

/*
 * To be called every now and then: what nobody asked for goes back to the fifo, and what is in there
 * beyond what there is goes away, whoever wrote it and whatever it is. When nothing runs, puts back
 * what killed builds took with them.
 */
void hull_tokens_settle(struct hull_tokens *t);
