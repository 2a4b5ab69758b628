// SPDX-License-Identifier: MIT
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A small HTTP server on the loopback interface for tests: a process of its own, one more for each
 * connection. The first part of a path is how it behaves, the last is the name of the file, from
 * which its bytes follow (`file_bytes`).
 */
enum { SERVER_LOG = 64 };

struct server_state { /* shared with the server's processes */
	atomic_int requests, active, most_active;
	atomic_int together; /* /slow/: nobody is answered before so many have asked at a time */
	atomic_long body_bytes;
	char log[SERVER_LOG][256]; /* "GET /good/x" + " bytes=5-" */
};

static struct server_state *server;
static int server_port;
static pid_t server_pid;

static size_t file_size(const char *name)
{
	return 200000 + 1000 * strlen(name);
}

/* Reproducible noise that depends on the name. */
static void file_bytes(const char *name, unsigned char *out)
{
	unsigned int x = 2463534242u;

	for (const char *p = name; *p; p++)
		x = x * 31 + (unsigned char)*p;
	for (size_t i = 0; i < file_size(name); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		out[i] = (unsigned char)x;
	}
}

static void server_reset(void)
{
	memset(server, 0, sizeof *server);
}

static void send_text(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		_exit(0);
}

static bool is_active; /* this process's connection */

/* A connection is over when its reader may think so, who may be quicker than this process. */
static void leave(void)
{
	if (is_active)
		atomic_fetch_sub(&server->active, 1);
	is_active = false;
}

static void send_body(int fd, const unsigned char *p, size_t n)
{
	while (n) {
		ssize_t m = n < 16384 ? (ssize_t)n : 16384;

		atomic_fetch_add(&server->body_bytes, m); /* before the reader can have it */
		if ((size_t)m == n)
			leave();
		m = send(fd, p, (size_t)m, MSG_NOSIGNAL | MSG_WAITALL);
		if (m <= 0)
			_exit(0);
		p += m;
		n -= (size_t)m;
	}
}

/* An answer without a length that does not end: as fast as it is read, or 8000 bytes a second (for
 * a minute, should nobody hang up). */
static void send_forever(int fd, const unsigned char *bytes, bool slowly)
{
	send_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 600; i++) {
		send_body(fd, bytes, slowly ? 800 : 16384);
		if (slowly)
			usleep(100 * 1000);
	}
}

static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		unsigned int c;

		if (*s == '%' && sscanf(s + 1, "%2x", &c) == 1) {
			*out++ = (char)c;
			s += 2;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

/* How often this behaviour and name were asked for before. */
static int seen_before(const char *path, int request)
{
	int n = 0;

	for (int i = 0; i < request; i++) {
		size_t len = strlen(path);

		n += !strncmp(server->log[i] + 4, path, len) &&
		     strchr(" ", server->log[i][4 + len]);
	}
	return n;
}

/* However slow the machine is; then what is one too many has time to come. */
static void wait_for_others(void)
{
	for (int i = 0; i < 3000 && server->most_active < server->together; i++)
		usleep(10 * 1000);
	usleep(50 * 1000);
}

static void answer(int fd, const char *path, const char *range, int request)
{
	const char *name = strrchr(path, '/') + 1;
	size_t size = file_size(name), from = 0, end = size, shown_from;
	unsigned char *bytes = malloc(size);
	bool first = seen_before(path, request) == 0;
	char head[512];

#define IS(what) (!strncmp(path, "/" what "/", sizeof("/" what "/") - 1))
	file_bytes(name, bytes);
	if (range && !IS("norange") && !IS("cutnorange"))
		from = strtoul(range, NULL, 10);
	if (IS("missing") || (IS("debian1") && strstr(path, "two")))
		return send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n"
				     "Connection: close\r\n\r\nnone");
	if (IS("broken") || (IS("brokenonce") && first))
		return send_text(fd, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
				     "Connection: close\r\n\r\n");
	if (IS("redirect")) {
		snprintf(head, sizeof head,
			 "HTTP/1.1 302 Found\r\nLocation: /good/%s\r\nContent-Length: 0\r\n"
			 "Connection: close\r\n\r\n",
			 name);
		return send_text(fd, head);
	}
	if (from >= size)
		return send_text(fd, "HTTP/1.1 416 Range\r\nContent-Length: 0\r\n"
				     "Connection: close\r\n\r\n");
	if (IS("endless") || IS("drip"))
		send_forever(fd, bytes, IS("drip"));
	if (IS("wrong"))
		bytes[size / 2] ^= 1;
	if (IS("slow"))
		wait_for_others();
	shown_from = IS("wrongrange") && first ? from / 2 : from;
	if (from)
		snprintf(head, sizeof head,
			 "HTTP/1.1 206 Partial\r\ncontent-range: bytes %zu-%zu/%zu\r\n"
			 "Content-Length: %zu\r\nConnection: close\r\n\r\n",
			 shown_from, size - 1, size, size - from);
	else
		snprintf(head, sizeof head,
			 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
			 size);
	send_text(fd, head);
	if (IS("cut") || IS("cutnorange") || ((IS("cutonce") || IS("stall")) && first))
		end = from + (size - from) / 2;
	send_body(fd, bytes + from, end - from);
	if (IS("stall"))
		sleep(20);
#undef IS
	free(bytes);
}

static void serve(int fd)
{
	char request[4096] = "", path[128] = "", line[256], *range;
	size_t n = 0;
	int number, active, most;

	while (!strstr(request, "\r\n\r\n") && n < sizeof request - 1) {
		ssize_t m = recv(fd, request + n, sizeof request - 1 - n, 0);

		if (m <= 0)
			return;
		n += (size_t)m;
		request[n] = '\0';
	}
	sscanf(request, "GET %127s", path);
	unescape(path);
	range = strstr(request, "Range: bytes=");
	if (range)
		range += strlen("Range: bytes=");
	number = atomic_fetch_add(&server->requests, 1);
	snprintf(line, sizeof line, "GET %s%s%.*s", path, range ? " bytes=" : "",
		 range ? (int)strcspn(range, "\r") : 0, range ? range : "");
	if (number < SERVER_LOG)
		memcpy(server->log[number], line, sizeof line);
	is_active = true;
	active = atomic_fetch_add(&server->active, 1) + 1;
	most = server->most_active;
	while (active > most && !atomic_compare_exchange_weak(&server->most_active, &most, active))
		;
	answer(fd, path, range, number);
	leave();
}

static int server_start(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof a;

	(void)state;
	server = mmap(NULL, sizeof *server, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (server == MAP_FAILED || fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 ||
	    listen(fd, 64) < 0 || getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return -1;
	server_port = ntohs(a.sin_port);
	server_pid = fork();
	if (server_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			int c = accept(fd, NULL, NULL);

			if (c >= 0 && fork() == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				serve(c);
				_exit(0);
			}
			close(c);
		}
	}
	close(fd);
	return server_pid < 0 ? -1 : 0;
}

static int server_stop(void **state)
{
	(void)state;
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	munmap(server, sizeof *server);
	return 0;
}
