/*
 * A resolver to ask that is as slow, or as silent, as it is told: any name has the address 192.0.2.1.
 *
 *   upstream -p PORT
 *
 * Reads commands from standard input, a line each, and does what they say from then on:
 *
 *   usual MICROSECONDS JITTER    how late it answers: so much and up to JITTER more; -1 for never
 *   victim MICROSECONDS          how late it answers for names below victim.example; -1 for never
 *   count                        prints how many questions came since the last time
 *
 * It says "ready" when it listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WAITING = 1 << 16, MESSAGE = 512, HEADER = 12 };

struct reply { int64_t due; struct sockaddr_in to; uint16_t length; uint8_t bytes[MESSAGE]; };

static struct reply *heap[WAITING]; /* the earliest first */
static unsigned waiting;
static long usual_delay, jitter, victim_delay;
static unsigned long came;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void push(struct reply *reply)
{
    unsigned at = waiting++;
    for (; at > 0 && heap[(at - 1) / 2]->due > reply->due; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = reply;
}

static struct reply *pop(void)
{
    struct reply *first = heap[0], *moved = heap[--waiting];
    unsigned at = 0;
    for (unsigned child; (child = 2 * at + 1) < waiting; at = child) {
        if (child + 1 < waiting && heap[child + 1]->due < heap[child]->due) child++;
        if (heap[child]->due >= moved->due) break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
    return first;
}

/* The length of the question, or 0 for what is none. */
static unsigned question_end(const uint8_t *bytes, unsigned length, bool *victim)
{
    static const uint8_t suffix[] = "\6victim\7example";
    unsigned at = HEADER;
    *victim = false;
    while (at < length && bytes[at] != 0) {
        if (bytes[at] > 63) return 0;
        if (at + sizeof suffix <= length) *victim = *victim || !strncasecmp((const char *)bytes + at, (const char *)suffix, sizeof suffix);
        at += bytes[at] + 1u;
    }
    return at + 5 <= length ? at + 5 : 0;
}

static void take(int fd)
{
    for (;;) {
        uint8_t bytes[MESSAGE];
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        bool victim;
        unsigned end;
        if (length < 0) return;
        if (length < HEADER || (end = question_end(bytes, (unsigned)length, &victim)) == 0) continue;
        came++;
        long delay = usual_delay < 0 ? -1 : victim ? victim_delay : usual_delay + (jitter > 0 ? random() % jitter : 0);
        struct reply *reply;
        if (delay < 0 || waiting == WAITING || end + 27 > MESSAGE || !(reply = malloc(sizeof *reply))) continue;
        static const uint8_t address[] = { 0xC0, HEADER, 0, 1, 0, 1, 0, 0, 0x0E, 0x10, 0, 4, 192, 0, 2, 1 }, opt[] = { 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0 };
        bool has_address = bytes[end - 4] == 0 && bytes[end - 3] == 1, has_opt = bytes[11] > 0;
        memcpy(reply->bytes, bytes, end);
        memcpy(reply->bytes + 2, (uint8_t[]) { 0x81, 0x80, 0, 1, 0, has_address, 0, 0, 0, has_opt }, 10);
        if (has_address) memcpy(reply->bytes + end, address, sizeof address), end += sizeof address;
        if (has_opt) memcpy(reply->bytes + end, opt, sizeof opt), end += sizeof opt;
        reply->length = (uint16_t)end;
        reply->to = from;
        reply->due = now_ns() + delay * 1000;
        push(reply);
    }
}

/* What it is told: true until its input ends. */
static bool obey(void)
{
    char line[128];
    long first, second;
    if (!fgets(line, sizeof line, stdin)) return false;
    if (sscanf(line, "usual %ld %ld", &first, &second) == 2) {
        usual_delay = first;
        jitter = second;
        /* Who dies takes along what it was about to say. */
        if (first < 0) while (waiting > 0) free(pop());
    } else if (sscanf(line, "victim %ld", &first) == 1) {
        victim_delay = first;
    } else if (!strcmp(line, "count\n")) {
        printf("%lu\n", came);
        came = 0;
    }
    return true;
}

int main(int count, char **arguments)
{
    int port = count == 3 && !strcmp(arguments[1], "-p") ? atoi(arguments[2]) : 0, size = 1 << 22;
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (port == 0 || fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here)) {
        fprintf(stderr, "upstream -p PORT\n");
        return 2;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    prctl(PR_SET_TIMERSLACK, 1);
    setvbuf(stdin, NULL, _IONBF, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    struct pollfd watched[] = { { fd, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
    for (;;) {
        int64_t left = waiting > 0 ? heap[0]->due - now_ns() : INT64_MAX;
        struct timespec patience = { left < 0 ? 0 : left / 1000000000, left < 0 ? 0 : left % 1000000000 };
        ppoll(watched, 2, waiting > 0 ? &patience : NULL, NULL);
        if (watched[0].revents) take(fd);
        if (watched[1].revents && !obey()) return 0;
        for (int64_t now = now_ns(); waiting > 0 && heap[0]->due <= now;) {
            struct reply *reply = pop();
            sendto(fd, reply->bytes, reply->length, MSG_DONTWAIT, (struct sockaddr *)&reply->to, sizeof reply->to);
            free(reply);
        }
    }
}
