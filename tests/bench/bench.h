// SPDX-License-Identifier: MIT
#pragma once

#include "base/err.h"

/* What the benchmark measures or makes inside a process. Each takes its arguments, NULL-terminated,
 * prints its figures and returns the exit status, or -1 with e set. */

int bench_content(char **argv, struct hull_err *e);
int bench_files(char **argv, struct hull_err *e);
int bench_run(char **argv, struct hull_err *e);

long bench_peak_kib(void); /* largest memory of this process so far */
long bench_user_ms(void);  /* its processor time outside of the kernel */
