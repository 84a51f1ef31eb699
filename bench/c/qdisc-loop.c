/*
 * qdisc-loop FILE CHANGES BATCH: the floor that bench/netlink.mjs compares with.
 *
 * FILE holds two netlink messages, complete but for their sequence numbers. They are sent by turns, CHANGES in
 * all, and the nanoseconds that one took are printed. With BATCH 1 each asks for its acknowledgement, which is
 * received before the next is sent. Above that, BATCH messages go out in one send, and only the last asks.
 */
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MESSAGE_MAX 4096

static char messages[2][MESSAGE_MAX];
static char out[0x100000];
static char in[0x10000];
static int fd;
static unsigned int sequence;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void read_messages(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		fail(path);
	for (int i = 0; i < 2; i++) {
		struct nlmsghdr *header = (struct nlmsghdr *)messages[i];
		if (fread(header, sizeof(*header), 1, file) != 1 || header->nlmsg_len > MESSAGE_MAX)
			fail("header");
		if (fread(header + 1, header->nlmsg_len - sizeof(*header), 1, file) != 1)
			fail("body");
	}
	fclose(file);
}

static void open_socket(int batch)
{
	int one = 1;
	int room = sizeof(out);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (batch > 1 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		fail("SO_RCVBUFFORCE");
}

/* The kernel has carried everything out by the time that send returns, so that the answer is there. */
static void receive_ack(void)
{
	const struct nlmsghdr *header = (struct nlmsghdr *)in;
	const struct nlmsgerr *error = NLMSG_DATA(header);
	ssize_t length = recv(fd, in, sizeof(in), MSG_DONTWAIT | MSG_TRUNC);
	if (length < (ssize_t)NLMSG_LENGTH(sizeof(*error)) || header->nlmsg_type != NLMSG_ERROR ||
	    header->nlmsg_seq != sequence || error->error != 0) {
		fprintf(stderr, "no acknowledgement\n");
		exit(1);
	}
}

static void change_one(int which)
{
	struct nlmsghdr *header = (struct nlmsghdr *)messages[which];
	header->nlmsg_seq = ++sequence;
	if (send(fd, header, header->nlmsg_len, 0) < 0)
		fail("send");
	receive_ack();
}

static void change_batch(int batch)
{
	struct nlmsghdr *last = NULL;
	size_t end = 0;
	for (int i = 0; i < batch; i++) {
		const struct nlmsghdr *header = (struct nlmsghdr *)messages[i & 1];
		last = (struct nlmsghdr *)(out + end);
		end += NLMSG_ALIGN(header->nlmsg_len);
		if (end > sizeof(out))
			fail("batch too long");
		memcpy(last, header, header->nlmsg_len);
		last->nlmsg_flags &= ~NLM_F_ACK;
		last->nlmsg_seq = ++sequence;
	}
	last->nlmsg_flags |= NLM_F_ACK;
	if (send(fd, out, end, 0) < 0)
		fail("send");
	receive_ack();
}

static void run(long changes, int batch)
{
	for (long i = 0; i < changes; i += batch) {
		if (batch == 1)
			change_one(i & 1);
		else
			change_batch(batch);
	}
}

int main(int argc, char **argv)
{
	struct timespec start, end;
	if (argc != 4)
		return 2;
	long changes = atol(argv[2]);
	int batch = atoi(argv[3]);
	read_messages(argv[1]);
	open_socket(batch);
	run(changes / 10, batch);
	clock_gettime(CLOCK_MONOTONIC, &start);
	run(changes, batch);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.3f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / changes);
	return 0;
}
