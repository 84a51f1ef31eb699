/*
 * udp-stream send ADDRESS PORT PER_SECOND COUNT BYTES
 * udp-stream receive ADDRESS PORT IDLE_MS SKIPPED
 * udp-stream samples ADDRESS PORT IDLE_MS SKIPPED
 *
 * Sends datagrams evenly, each with the time, or receives them until none has come for IDLE_MS after the first, and
 * prints how many came, in how many seconds, and the quantiles of their delays in ns without those of the first SKIPPED:
 * received, seconds, median, 99th percentile; or each of these delays on a line. The time of arrival is the kernel's (SO_TIMESTAMPNS), so that it does not matter when they are read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 32
#define DATAGRAM_MAX 1500
#define SAMPLES_MAX 4000000
#define NSEC_PER_SEC 1000000000LL

static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static char data[BATCH][DATAGRAM_MAX];
static char control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
static long long samples[SAMPLES_MAX];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static long long in_ns(struct timespec time)
{
	return time.tv_sec * NSEC_PER_SEC + time.tv_nsec;
}

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	return in_ns(time);
}

static struct addrinfo *place(const char *address, const char *port)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM};
	struct addrinfo *result;
	if (getaddrinfo(address, port, &hints, &result) != 0) {
		fprintf(stderr, "%s is no address\n", address);
		exit(1);
	}
	return result;
}

static void prepare(int bytes)
{
	for (int i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){data[i], bytes};
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
}

static void sleep_until(long long ns)
{
	struct timespec time = {ns / NSEC_PER_SEC, ns % NSEC_PER_SEC};
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL);
}

static void send_all(int fd, double per_second, long count, int bytes)
{
	prepare(bytes);
	long long start = now();
	for (long sent = 0; sent < count;) {
		long due = 1 + (now() - start) * per_second / NSEC_PER_SEC;
		if (due > count)
			due = count;
		if (due <= sent) {
			sleep_until(start + sent * NSEC_PER_SEC / per_second);
			continue;
		}
		int batch = due - sent > BATCH ? BATCH : due - sent;
		for (int i = 0; i < batch; i++)
			*(long long *)data[i] = now();
		int done = sendmmsg(fd, messages, batch, 0);
		if (done < 0)
			fail("sendmmsg");
		sent += done;
	}
}

static long long arrival(struct msghdr *header)
{
	struct cmsghdr *message = CMSG_FIRSTHDR(header);
	if (!message || message->cmsg_type != SCM_TIMESTAMPNS)
		fail("no time of arrival");
	return in_ns(*(struct timespec *)CMSG_DATA(message));
}

static int compare(const void *one, const void *other)
{
	long long difference = *(const long long *)one - *(const long long *)other;
	return difference < 0 ? -1 : difference > 0;
}

static void receive_all(int fd, long skipped, int prints_samples)
{
	long received = 0;
	long long first = 0, last = 0;
	prepare(DATAGRAM_MAX);
	for (;;) {
		for (int i = 0; i < BATCH; i++) {
			messages[i].msg_hdr.msg_control = control[i];
			messages[i].msg_hdr.msg_controllen = sizeof(control[i]);
		}
		int done = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
		if (done < 0 && errno == EAGAIN) {
			if (received > 0)
				break;
			continue;
		}
		if (done < 0)
			fail("recvmmsg");
		for (int i = 0; i < done && received < SAMPLES_MAX; i++) {
			last = arrival(&messages[i].msg_hdr);
			if (received == 0)
				first = last;
			samples[received++] = last - *(long long *)data[i];
		}
	}
	if (received <= skipped) {
		fprintf(stderr, "only %ld came\n", received);
		exit(1);
	}
	long kept = received - skipped;
	if (prints_samples) {
		for (long i = skipped; i < received; i++)
			printf("%lld\n", samples[i]);
		return;
	}
	qsort(samples + skipped, kept, sizeof(samples[0]), compare);
	printf("%ld %.6f %lld %lld\n", received, (last - first) / 1e9, samples[skipped + kept / 2],
	       samples[skipped + kept * 99 / 100]);
}

int main(int argc, char **argv)
{
	int one = 1, room = 64 << 20;
	if (argc < 5)
		return 2;
	struct addrinfo *address = place(argv[2], argv[3]);
	int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (strcmp(argv[1], "send") == 0 && argc == 7) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
		if (connect(fd, address->ai_addr, address->ai_addrlen) < 0)
			fail("connect");
		send_all(fd, atof(argv[4]), atol(argv[5]), atoi(argv[6]));
		return 0;
	}
	if (argc != 6)
		return 2;
	int idle_ms = atoi(argv[4]);
	struct timeval idle = {idle_ms / 1000, idle_ms % 1000 * 1000};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		fail("SO_RCVBUFFORCE");
	if (bind(fd, address->ai_addr, address->ai_addrlen) < 0)
		fail("bind");
	puts("ready");
	fflush(stdout);
	receive_all(fd, atol(argv[5]), strcmp(argv[1], "samples") == 0);
	return 0;
}
