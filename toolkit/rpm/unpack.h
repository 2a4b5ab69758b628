// SPDX-License-Identifier: MIT
#pragma once

#include "rpm/front.h"

/* Unpacks the payload that follows `front` in fd: see hull_rpm_unpack. Its digest was checked
 * before. */
HULL_CHECKED int hull_payload_unpack(int fd, const char *path, const struct hull_front *front,
				     int to_dirfd, struct hull_err *e);
