/*
 * A server that knows nothing of DNS: it sets the QR bit and returns the query, over UDP and TCP. What it costs is what
 * sockets cost, and no DNS server that uses them can cost less.
 *
 *   echo PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 32, MESSAGE = 2048, STREAM = 1 << 16, CONNECTIONS = 1024 };

static struct sockaddr_in address;

static int bound(int type)
{
    int one = 1, size = 1 << 20, fd = socket(AF_INET, type, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address)) {
        perror("echo");
        exit(2);
    }
    return fd;
}

static void datagrams(int fd)
{
    static struct mmsghdr headers[BATCH];
    static struct iovec vectors[BATCH];
    static struct sockaddr_in senders[BATCH];
    static uint8_t bytes[BATCH][MESSAGE];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            vectors[i] = (struct iovec) { bytes[i], MESSAGE };
            headers[i].msg_hdr = (struct msghdr) { .msg_name = &senders[i], .msg_namelen = sizeof senders[i], .msg_iov = &vectors[i], .msg_iovlen = 1 };
        }
        int count = recvmmsg(fd, headers, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < count; i++) {
            bytes[i][2] |= 0x80;
            vectors[i].iov_len = headers[i].msg_len;
        }
        for (int done = 0; done < count;) {
            int some = sendmmsg(fd, headers + done, (unsigned)(count - done), 0);
            done += some > 0 ? some : 1;
        }
    }
}

/* Returns the complete messages of one read in one write, and keeps what is cut for the next. */
static int echo(int fd, uint8_t *bytes, unsigned *held)
{
    ssize_t count = read(fd, bytes + *held, STREAM - *held);
    if (count <= 0) return 0;
    *held += (unsigned)count;
    unsigned whole = 0;
    for (unsigned length; *held - whole >= 2 && *held - whole - 2 >= (length = (unsigned)bytes[whole] << 8 | bytes[whole + 1]); whole += length + 2)
        if (length > 2) bytes[whole + 4] |= 0x80;
    if (whole > 0 && write(fd, bytes, whole) != (ssize_t)whole) return 0;
    memmove(bytes, bytes + whole, *held -= whole);
    return 1;
}

static void *streams(void *listening)
{
    static uint8_t *bytes[CONNECTIONS];
    static unsigned held[CONNECTIONS];
    int listener = (int)(intptr_t)listening, one = 1, poll = epoll_create1(0);
    struct epoll_event wanted = { .events = EPOLLIN, .data.fd = listener }, events[64];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &wanted);
    for (;;) {
        int count = epoll_wait(poll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                fd = accept(listener, NULL, NULL);
                if (fd < 0 || fd >= CONNECTIONS || (!bytes[fd] && !(bytes[fd] = malloc(STREAM)))) {
                    close(fd);
                    continue;
                }
                held[fd] = 0;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                wanted = (struct epoll_event) { .events = EPOLLIN, .data.fd = fd };
                epoll_ctl(poll, EPOLL_CTL_ADD, fd, &wanted);
            } else if (!echo(fd, bytes[fd], &held[fd])) {
                close(fd);
            }
        }
    }
    return NULL;
}

int main(int count, char **arguments)
{
    pthread_t thread;
    address = (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons(count > 1 ? atoi(arguments[1]) : 0), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int datagram = bound(SOCK_DGRAM), stream = bound(SOCK_STREAM);
    if (listen(stream, 512) || pthread_create(&thread, NULL, streams, (void *)(intptr_t)stream)) {
        perror("echo");
        return 2;
    }
    datagrams(datagram);
}
