// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.h"

/* For main.c: fills what the global options left open; the store stays closed. */
HULL_CHECKED int hull_context_init(struct hull_context *ctx, struct hull_err *e);
void hull_context_fini(struct hull_context *ctx);

/* What --help says. */
void hull_help_overview(struct hull_buf *out);
void hull_help_command(const struct hull_command *cmd, struct hull_buf *out);
