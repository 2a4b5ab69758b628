// SPDX-License-Identifier: MIT
/*
 * Not a part of hull, but compiled by the seed's compiler and loaded into every program of the second of
 * two builds that are compared (elsewhere.h): the clock is a bit more than a year and half a day ahead,
 * directories list what is in them the other way round, and who compiles for the processor that he
 * has gets code for the oldest one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Another year, month, day of the month, day of the week, half of the day. */
enum { AHEAD = 400 * 86400 + 43200 };

/* The definition that this one hides. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* --- the clock --- */

int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI))
		t->tv_sec += AHEAD;
	return r;
}

int timespec_get(struct timespec *t, int base)
{
	return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, t) == 0 ? base : 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec t;

	if (tz)
		memset(tz, 0, sizeof(struct timezone));
	if (clock_gettime(CLOCK_REALTIME, &t) < 0)
		return -1;
	*tv = (struct timeval){.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *out)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t) < 0)
		return -1;
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

/* A moment to wait for, as the kernel's clock has it; those of other clocks are not so far away. */
static const struct timespec *moment(const struct timespec *t, struct timespec *copy)
{
	struct timespec now;

	if (!t || syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) < 0 ||
	    t->tv_sec < now.tv_sec + AHEAD / 2)
		return t;
	*copy = (struct timespec){.tv_sec = t->tv_sec - AHEAD, .tv_nsec = t->tv_nsec};
	return copy;
}

#define WAIT(name, type)                                                                           \
	int name(type object, const struct timespec *t)                                            \
	{                                                                                          \
		struct timespec copy;                                                              \
                                                                                                   \
		return NEXT(name)(object, moment(t, &copy));                                       \
	}

WAIT(sem_timedwait, sem_t *restrict)
WAIT(pthread_mutex_timedlock, pthread_mutex_t *restrict)
WAIT(pthread_rwlock_timedrdlock, pthread_rwlock_t *restrict)
WAIT(pthread_rwlock_timedwrlock, pthread_rwlock_t *restrict)

/* The first of several versions would not know where the condition has its clock. */
#ifdef __x86_64__
#define CONDITIONS "GLIBC_2.3.2"
#else
#define CONDITIONS "GLIBC_2.17"
#endif

int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
			   const struct timespec *restrict t)
{
	__typeof__(&pthread_cond_timedwait) wait =
		(__typeof__(wait))dlvsym(RTLD_NEXT, "pthread_cond_timedwait", CONDITIONS);
	struct timespec copy;

	return wait(c, m, moment(t, &copy));
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *t, struct timespec *left)
{
	struct timespec copy;

	return NEXT(clock_nanosleep)(id, flags, flags & TIMER_ABSTIME ? moment(t, &copy) : t, left);
}

/* --- directories --- */

/* All that one has, read at the first call. */
struct listing {
	struct listing *next;
	DIR *dir;
	struct dirent **v;
	size_t n, at;
};

static struct listing *listings;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void hold(void)
{
	pthread_mutex_lock(&lock);
}

static void let_go(void)
{
	pthread_mutex_unlock(&lock);
}

static struct listing **find(DIR *dir)
{
	struct listing **at = &listings;

	while (*at && (*at)->dir != dir)
		at = &(*at)->next;
	return at;
}

static void forget(DIR *dir)
{
	struct listing **at, *l;

	hold();
	at = find(dir);
	l = *at;
	if (l)
		*at = l->next;
	let_go();
	for (size_t i = 0; l && i < l->n; i++)
		free(l->v[i]);
	if (l)
		free(l->v);
	free(l);
}

static int add(struct listing *l, const struct dirent *de)
{
	struct dirent **v = realloc(l->v, (l->n + 1) * sizeof *v);

	if (!v)
		return -1;
	l->v = v;
	v[l->n] = malloc(de->d_reclen);
	if (!v[l->n])
		return -1;
	memcpy(v[l->n++], de, de->d_reclen);
	return 0;
}

/* NULL with errno, if it cannot be read. */
static struct listing *list(DIR *dir)
{
	struct listing *l = calloc(1, sizeof *l);
	const struct dirent *de;
	int saved = errno;

	if (!l)
		return NULL;
	l->dir = dir;
	errno = 0;
	while ((de = NEXT(readdir)(dir)))
		if (add(l, de) < 0)
			break;
	if (errno && !l->n) {
		free(l->v);
		free(l);
		return NULL;
	}
	errno = saved;
	hold();
	l->next = listings;
	listings = l;
	let_go();
	return l;
}

static struct listing *known(DIR *dir)
{
	struct listing *l;

	hold();
	l = *find(dir);
	let_go();
	return l;
}

struct dirent *readdir(DIR *dir)
{
	struct listing *l = known(dir);

	if (!l)
		l = list(dir);
	return l && l->at < l->n ? l->v[l->n - ++l->at] : NULL;
}

struct dirent64 *readdir64(DIR *dir)
{
	_Static_assert(sizeof(struct dirent) == sizeof(struct dirent64), "64 bits");
	return (struct dirent64 *)readdir(dir);
}

void rewinddir(DIR *dir)
{
	forget(dir);
	NEXT(rewinddir)(dir);
}

int closedir(DIR *dir)
{
	forget(dir);
	return NEXT(closedir)(dir);
}

long telldir(DIR *dir)
{
	const struct listing *l = known(dir);

	return l ? (long)l->at : 0;
}

void seekdir(DIR *dir, long at)
{
	struct listing *l = known(dir);

	if (!l)
		l = list(dir);
	if (l)
		l->at = (size_t)at;
}

/* --- the processor --- */

/* Hull looks for it in the log (elsewhere.h). */
static void tell(const char *program, const char *argument)
{
	const char *const words[] = {"hull: ", argument, " of ", program, "\n"};
	struct iovec v[sizeof words / sizeof *words];

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		v[i] = (struct iovec){.iov_base = (void *)words[i], .iov_len = strlen(words[i])};
	if (writev(STDERR_FILENO, v, sizeof v / sizeof *v) < 0)
		errno = 0;
}

__attribute__((constructor)) static void start(int argc, char **argv)
{
	static char *const natives[][2] = {
#ifdef __x86_64__
		{"-march=native", "-march=x86-64"},
		{"-mcpu=native", "-mtune=generic"},
#else
		{"-march=native", "-march=armv8-a"},
		{"-mcpu=native", "-mcpu=generic"},
#endif
		{"-mtune=native", "-mtune=generic"},
		{"-Ctarget-cpu=native", "-Ctarget-cpu=generic"},
		{"target-cpu=native", "target-cpu=generic"},
	};

	pthread_atfork(hold, let_go, let_go);
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < sizeof natives / sizeof *natives; k++)
			if (!strcmp(argv[i], natives[k][0])) {
				tell(argv[0], natives[k][0]);
				argv[i] = natives[k][1];
				break;
			}
}
