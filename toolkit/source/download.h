// SPDX-License-Identifier: MIT
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/progress.h"
#include "source/partial.h"

/* What came of one attempt to get a file from one place. */
enum hull_attempt {
	HULL_ATTEMPT_COMPLETE, /* all bytes are there; their digest is still to be looked at */
	HULL_ATTEMPT_LATER,    /* may work another time */
	HULL_ATTEMPT_NEVER,    /* this place does not have it */
	HULL_ATTEMPT_BROKEN,   /* nothing to do with the place: the disk, an interrupt */
};

/* One HTTP transfer into a partial file; zero-initialise. */
struct hull_download {
	CURL *easy; /* to be added to a multi handle by the caller */
	struct hull_partial *partial;
	struct hull_progress *progress;
	int task;	  /* slot of the progress */
	bool begun;	  /* the first byte of the body was seen */
	bool wrong_range; /* the server sent another range than asked for */
	bool too_long;	  /* the file has more bytes than the partial may have */
	bool broken;	  /* `err` says why nothing can be written */
	uint64_t range_start;
	struct hull_err err;
	char message[CURL_ERROR_SIZE];
};

/* Prepares d->easy, with d->partial, d->progress and d->task set: asks for what the partial lacks.
 * What was asked for by https and has no digest does not come by http either. */
HULL_CHECKED int hull_download_start(struct hull_download *d, const char *url, int stall_seconds,
				     struct hull_err *e);

/* What curl's result means; the reason is in e unless it is complete. *out_unreachable: there was
 * no server. */
HULL_CHECKED enum hull_attempt hull_download_end(struct hull_download *d, CURLcode code,
						 bool *out_unreachable, struct hull_err *e);

void hull_download_fini(struct hull_download *d);

/* The same for a file on this machine. */
HULL_CHECKED enum hull_attempt hull_download_copy(struct hull_partial *p, const char *path,
						  struct hull_err *e);
