// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Ports that well-known daemons open by themselves, with the settings that their authors ship. */
struct hull_daemon_port {
	const char *program; /* last component of what a service starts */
	const char *port;    /* "22/tcp" */
	bool loopback;	     /* on the machine itself only */
	const char *note;    /* what switches it on or off, or NULL */
};

extern const struct hull_daemon_port hull_daemon_ports[];
extern const size_t hull_ndaemon_ports;
