// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * /init of a machine whose control groups are all of version 2 (cgroup-guest): runs /tests/limits as root
 * in the root of the hierarchy, and as an ordinary user who owns the group that he is alone in, as a
 * delegated scope of systemd's. Says on the console how each ended, then switches the machine off.
 */

enum { USER = 54321 };

#define GROUPS "/sys/fs/cgroup"
#define SCOPE  GROUPS "/scope"

static void must(const char *what, int result)
{
	if (result >= 0)
		return;
	perror(what);
	reboot(RB_POWER_OFF);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	must(path, f && fputs(text, f) >= 0 && fclose(f) == 0 ? 0 : -1);
}

/* The first root cannot be left by pivot_root(2), as sandboxes do. */
static void enter_root(void)
{
	int console;

	must("bind", mount("/", "/root", NULL, MS_BIND, NULL));
	must("chdir", chdir("/root"));
	must("move", mount(".", "/", NULL, MS_MOVE, NULL));
	must("chroot", chroot("."));
	must("/dev", mount("devtmpfs", "/dev", "devtmpfs", 0, NULL));
	must("/proc", mount("proc", "/proc", "proc", 0, NULL));
	must("/sys", mount("sysfs", "/sys", "sysfs", 0, NULL));
	must(GROUPS, mount("cgroup2", GROUPS, "cgroup2", 0, NULL));
	console = open("/dev/ttyS0", O_RDWR);
	must("console", console);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static void delegate(void)
{
	static const char *const files[] = {SCOPE, SCOPE "/cgroup.procs",
					    SCOPE "/cgroup.subtree_control"};

	put(GROUPS "/cgroup.subtree_control", "+memory +pids +cpu");
	must(SCOPE, mkdir(SCOPE, 0755));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		must(files[i], chown(files[i], USER, USER));
}

static void stay_root(void)
{
	setenv("HULL_TEST_GROUPS", "0", 1);
}

static void become_user(void)
{
	setenv("HULL_TEST_GROUPS", "54321", 1);
	put(SCOPE "/cgroup.procs", "0");
	must("groups", setgroups(0, NULL));
	must("gid", setgid(USER));
	must("uid", setuid(USER));
}

static void run(const char *program, const char *tests, const char *who, void (*prepare)(void))
{
	int status = 1;
	pid_t pid = fork();

	must("fork", pid);
	if (pid == 0) {
		prepare();
		execl(program, program, tests, (char *)NULL);
		perror(program);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	printf("hull test: %s as %s: %s\n", program, who, status ? "failed" : "passed");
}

/* Groups that are left: of the user's scope his own one is, which nobody removes before the next hull. */
static void list(const char *when)
{
	printf("hull test: groups %s:\n", when);
	fflush(stdout);
	must("ls", system("/bin/ls -d " GROUPS "/hull-* " SCOPE "/hull-* 2>/dev/null || :"));
}

int main(int argc, char **argv)
{
	const char *tests = argc > 1 ? argv[1] : NULL;

	enter_root();
	printf("hull test: up\n");
	run("/tests/limits", tests, "root", stay_root);
	list("after root");
	delegate();
	run("/tests/limits", tests, "user", become_user);
	list("after user");
	printf("hull test: end\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
