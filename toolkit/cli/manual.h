// SPDX-License-Identifier: MIT
#pragma once

#include "cli/command.h"

/* Man pages (roff, man macros) and shell completion, all from the command and option tables. */

void hull_manual_overview(struct hull_buf *out);				/* hull(1) */
void hull_manual_command(const struct hull_command *cmd, struct hull_buf *out); /* hull-<name>(1) */

/* Completion for "bash", "zsh" or "fish". */
HULL_CHECKED int hull_completion(const char *shell, struct hull_buf *out, struct hull_err *e);
