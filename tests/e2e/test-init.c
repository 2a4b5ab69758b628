// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

/*
 * /init of the boot test: says on the console what it was started with, then does what the command
 * line asks for: switches the machine off, or with "hull.wait" waits.
 */

static char text[1 << 20];

static size_t read_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t n = 0;
	ssize_t got;

	while (fd >= 0 && (got = read(fd, text + n, sizeof text - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fd);
	return n;
}

/* The strings of the SMBIOS tables that are for systemd. */
static void print_strings(void)
{
	size_t n = read_file("/sys/firmware/dmi/tables/DMI");

	for (size_t i = 0; i < n; i += strlen(text + i) + 1)
		for (char *p = text + i; *p; p++)
			if (!strncmp(p, "io.systemd.", 11)) {
				printf("hull test: smbios %s\n", p);
				break;
			}
}

int main(void)
{
	int console;

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	console = open("/dev/ttyS0", O_RDWR);
	dup2(console, 1);
	printf("hull test: up\n");
	read_file("/proc/cmdline");
	printf("hull test: command line %s", text);
	print_strings();
	printf("hull test: end\n");
	fflush(stdout);
	if (read_file("/proc/cmdline") && strstr(text, "hull.wait"))
		for (;;)
			pause();
	reboot(RB_POWER_OFF);
	return 1;
}
