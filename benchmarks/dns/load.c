/*
 * A load generator for DNS servers: prepared queries over UDP, TCP or TLS, either with a fixed number in flight or at a
 * fixed rate, and what became of them.
 *
 *   load udp|tcp|tls -p PORT -q FILE -t SECONDS [-n QUERIES] [-s SOCKETS] [-z EXPONENT] [-w MICROSECONDS]
 *                    (-f IN_FLIGHT | -r PER_SECOND)
 *
 * FILE holds queries as they go over TCP: a length of two bytes, then the message (RFC 1035 section 4.2.2). IN_FLIGHT
 * counts per socket. Questions are asked in the order of FILE, again from its start when it ends; with -z they are drawn by
 * Zipf's law, the first of FILE most often, the n-th n^EXPONENT times less often. It says "ready" once all sockets are
 * connected, starts at the first line on its standard input, prints one line of JSON when every query is answered or lost
 * ("slow" counts the answers that took longer than -w says, or else twice the median), and keeps its connections open
 * until the input ends:
 * whoever measures the server reads its clocks at both lines, so that connecting and closing are not in the window.
 *
 * It never waits on a socket. A server that answers a sleeping client pays for waking it, and would be billed for how
 * the client sleeps; this one sleeps on a timer and then takes what has come.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

enum { BATCH = 64, RING = 4096, SOCKETS = 256, MESSAGE = 4096, STREAM = 1 << 17 };
enum { NAP = 50000, SWEEP = 100000000, PATIENCE = 1000000000, OCTAVE = 32, BUCKETS = 40 * OCTAVE };

struct place { int64_t sent; uint16_t id; bool open; };

struct peer {
    int fd;
    void *tls;
    uint32_t next, oldest; /* of all queries on this socket; the lower 16 bits are the ID */
    unsigned open;
    unsigned held, waiting; /* bytes in `in` and in `out` */
    struct place ring[RING];
    uint8_t *in, *out;
};

static struct { const char *mode; int port, sockets, flight; double seconds, rate, zipf, slow; uint64_t queries; } wanted;
static uint8_t **questions; /* each with its length before it */
static size_t question_count, question_next;
static uint32_t *drawn; /* ranks, each as often as Zipf's law has it; NULL without -z */
enum { DRAWN = 1 << 24, LONGEST_DRAWN = 512 };
static struct peer peers[SOCKETS];
static uint64_t sent, answered, lost, strange, closed, bunched, rcodes[16], truncated, histogram[BUCKETS];

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "wrong");
    exit(2);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t when)
{
    struct timespec t = { when / 1000000000, when % 1000000000 };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) { }
}

/* Latencies: 32 steps to each power of two, so a figure is right to 3 %. */
static unsigned bucket_of(int64_t ns)
{
    if (ns < OCTAVE) return ns < 0 ? 0 : (unsigned)ns;
    unsigned shift = 63 - 5 - __builtin_clzll((uint64_t)ns);
    unsigned bucket = (shift + 1) * OCTAVE + (unsigned)((ns >> shift) - OCTAVE);
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static double percentile_us(double share)
{
    uint64_t wanted_rank = (uint64_t)(share * (double)answered), seen = 0;
    for (unsigned b = 0; b < BUCKETS; b++)
        if ((seen += histogram[b]) > wanted_rank || (seen == answered && seen))
            return (b < OCTAVE ? b : (double)((uint64_t)(OCTAVE + b % OCTAVE) << (b / OCTAVE - 1))) / 1000;
    return 0;
}

static uint64_t slower_than(double us)
{
    uint64_t count = 0;
    for (unsigned b = bucket_of((int64_t)(us * 1000)) + 1; b < BUCKETS; b++) count += histogram[b];
    return count;
}

/* A rank for each of DRAWN equal steps of the distribution's sum. */
static void prepare_zipf(double exponent)
{
    double sum = 0, reached = 0;
    if (!(drawn = malloc(DRAWN * sizeof *drawn))) fail("memory");
    for (size_t rank = 1; rank <= question_count; rank++) sum += pow((double)rank, -exponent);
    size_t slot = 0;
    for (size_t rank = 1; rank <= question_count; rank++) {
        reached += pow((double)rank, -exponent);
        while (slot < DRAWN && ((double)slot + 0.5) / DRAWN * sum <= reached) drawn[slot++] = (uint32_t)rank - 1;
    }
    while (slot < DRAWN) drawn[slot++] = (uint32_t)question_count - 1;
    srand48(clock_ns(CLOCK_MONOTONIC));
}

/* A copy: one name may be asked twice before the first question has left. */
static uint8_t *draw(void)
{
    static uint8_t copies[4 * BATCH][LONGEST_DRAWN];
    static unsigned turn;
    uint8_t *question = questions[drawn[lrand48() & (DRAWN - 1)]], *copy = copies[turn++ % (4 * BATCH)];
    unsigned length = 2 + ((unsigned)question[0] << 8 | question[1]);
    memcpy(copy, question, length > LONGEST_DRAWN ? LONGEST_DRAWN : length);
    return copy;
}

/* The next question, with an ID nobody waits for, or NULL while the ring is full. */
static uint8_t *ask(struct peer *peer, int64_t now)
{
    if (peer->next - peer->oldest >= RING) return NULL;
    uint8_t *question = drawn ? draw() : questions[question_next];
    question_next = question_next + 1 == question_count ? 0 : question_next + 1;
    uint16_t id = (uint16_t)peer->next;
    question[2] = (uint8_t)(id >> 8);
    question[3] = (uint8_t)id;
    peer->ring[peer->next++ % RING] = (struct place) { now, id, true };
    peer->open++;
    sent++;
    return question;
}

static unsigned length_of(const uint8_t *framed) { return (unsigned)framed[0] << 8 | framed[1]; }

static void take(struct peer *peer, const uint8_t *answer, unsigned length, int64_t now)
{
    uint16_t id = length < 12 ? 0 : (uint16_t)(answer[0] << 8 | answer[1]);
    struct place *place = &peer->ring[id % RING];
    if (length < 12 || !(answer[2] & 0x80) || !place->open || place->id != id) {
        strange++;
        return;
    }
    place->open = false;
    peer->open--;
    answered++;
    rcodes[answer[3] & 15]++;
    truncated += answer[2] >> 1 & 1;
    histogram[bucket_of(now - place->sent)]++;
}

/* What has waited too long is lost. */
static void sweep(int64_t now)
{
    for (int i = 0; i < wanted.sockets; i++) {
        struct peer *peer = &peers[i];
        for (; peer->oldest != peer->next; peer->oldest++) {
            struct place *place = &peer->ring[peer->oldest % RING];
            if (place->open && now - place->sent < PATIENCE) break;
            if (place->open) {
                place->open = false;
                peer->open--;
                lost++;
            }
        }
    }
}

/* UDP */

static struct mmsghdr in_headers[BATCH], out_headers[BATCH];
static struct iovec in_vectors[BATCH], out_vectors[BATCH];
static uint8_t in_bytes[BATCH][MESSAGE], in_control[BATCH][64];

static void udp_open(struct peer *peer)
{
    struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(wanted.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int size = 1 << 21, one = 1;
    peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (peer->fd < 0 || connect(peer->fd, (struct sockaddr *)&server, sizeof server)) fail("socket");
    setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    /* At a rate the answer waits for the next tick; the kernel's stamp says when it came. */
    if (wanted.rate > 0) setsockopt(peer->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
}

static int64_t stamp(struct msghdr *header, int64_t otherwise)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
        }
    return otherwise;
}

static unsigned udp_receive(struct peer *peer)
{
    for (int i = 0; i < BATCH; i++) {
        in_vectors[i] = (struct iovec) { in_bytes[i], MESSAGE };
        in_headers[i].msg_hdr = (struct msghdr) { .msg_iov = &in_vectors[i], .msg_iovlen = 1, .msg_control = in_control[i], .msg_controllen = sizeof in_control[i] };
    }
    int count = recvmmsg(peer->fd, in_headers, BATCH, MSG_DONTWAIT, NULL);
    int64_t now = clock_ns(CLOCK_REALTIME);
    for (int i = 0; i < count; i++) take(peer, in_bytes[i], in_headers[i].msg_len, wanted.rate > 0 ? stamp(&in_headers[i].msg_hdr, now) : now);
    return count > 0 ? (unsigned)count : 0;
}

static void udp_send(struct peer *peer, unsigned count)
{
    int64_t now = clock_ns(CLOCK_REALTIME);
    while (count > 0) {
        unsigned ready = 0;
        for (uint8_t *question; ready < BATCH && ready < count && (question = ask(peer, now)); ready++) {
            out_vectors[ready] = (struct iovec) { question + 2, length_of(question) };
            out_headers[ready].msg_hdr = (struct msghdr) { .msg_iov = &out_vectors[ready], .msg_iovlen = 1 };
        }
        if (ready == 0) return;
        for (unsigned done = 0; done < ready;) {
            int some = sendmmsg(peer->fd, out_headers + done, ready - done, 0);
            done += some > 0 ? (unsigned)some : 1; /* one that cannot leave is lost, and counted when its time is over */
        }
        count -= ready;
    }
}

/* TCP and TLS */

static void stream_open(struct peer *peer)
{
    struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(wanted.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1;
    peer->in = malloc(STREAM);
    peer->out = malloc(STREAM);
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!peer->in || !peer->out || peer->fd < 0 || connect(peer->fd, (struct sockaddr *)&server, sizeof server)) fail("connect");
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
#ifdef WITH_TLS
    if (!strcmp(wanted.mode, "tls")) {
        static SSL_CTX *context;
        if (!context) context = SSL_CTX_new(TLS_client_method());
        SSL *tls = SSL_new(context);
        SSL_set_fd(tls, peer->fd);
        SSL_set_alpn_protos(tls, (const unsigned char *)"\3dot", 4);
        SSL_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        if (SSL_connect(tls) != 1) fail("TLS handshake");
        peer->tls = tls;
    }
#endif
    fcntl(peer->fd, F_SETFL, O_NONBLOCK);
}

/* Bytes moved, 0 when there is nothing to do now, -1 when the connection is over. */
static int stream_move(struct peer *peer, bool writing, uint8_t *bytes, unsigned length)
{
#ifdef WITH_TLS
    if (peer->tls) {
        int count = writing ? SSL_write(peer->tls, bytes, (int)length) : SSL_read(peer->tls, bytes, (int)length);
        if (count > 0) return count;
        int why = SSL_get_error(peer->tls, count);
        ERR_clear_error();
        return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
    }
#endif
    ssize_t count = writing ? send(peer->fd, bytes, length, MSG_NOSIGNAL) : recv(peer->fd, bytes, length, 0);
    if (count > 0) return (int)count;
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static void stream_close(struct peer *peer)
{
    close(peer->fd);
    peer->fd = -1;
    closed++;
}

static unsigned stream_receive(struct peer *peer)
{
    if (peer->fd < 0) return 0;
    int count = stream_move(peer, false, peer->in + peer->held, STREAM - peer->held);
    if (count < 0) stream_close(peer);
    if (count <= 0) return 0;
    int64_t now = clock_ns(CLOCK_REALTIME);
    unsigned at = 0, whole = 0;
    peer->held += (unsigned)count;
    while (peer->held - at >= 2 && peer->held - at - 2 >= length_of(peer->in + at)) {
        take(peer, peer->in + at + 2, length_of(peer->in + at), now);
        at += 2 + length_of(peer->in + at);
        whole++;
    }
    memmove(peer->in, peer->in + at, peer->held -= at);
    return whole;
}

static void stream_send(struct peer *peer, unsigned count)
{
    if (peer->fd < 0) return;
    int64_t now = clock_ns(CLOCK_REALTIME);
    uint8_t *question;
    while (count-- > 0 && peer->waiting + MESSAGE < STREAM && (question = ask(peer, now))) {
        memcpy(peer->out + peer->waiting, question, length_of(question) + 2);
        peer->waiting += length_of(question) + 2;
    }
    if (peer->waiting == 0) return;
    int moved = stream_move(peer, true, peer->out, peer->waiting);
    if (moved < 0) {
        stream_close(peer);
        return;
    }
    memmove(peer->out, peer->out + moved, peer->waiting -= (unsigned)moved);
}

/* Both */

static unsigned (*receive)(struct peer *);
static void (*send_to)(struct peer *, unsigned);

static bool collect(bool to_the_end)
{
    unsigned got = 0, open = 0;
    for (int i = 0; i < wanted.sockets; i++) {
        if (peers[i].open > 0) got += receive(&peers[i]);
        if (peers[i].waiting > 0) send_to(&peers[i], 0);
        open += peers[i].open;
    }
    static int64_t swept;
    int64_t now = clock_ns(CLOCK_REALTIME);
    if (now - swept > SWEEP) sweep(swept = now);
    if (to_the_end && got == 0) sleep_until(clock_ns(CLOCK_MONOTONIC) + NAP);
    return open > 0;
}

/* A fixed number in flight: every answer is followed by the next question. */
static void saturate(int64_t until)
{
    int64_t now, swept = 0;
    while ((now = clock_ns(CLOCK_MONOTONIC)) < until && sent < wanted.queries) {
        unsigned got = 0;
        for (int i = 0; i < wanted.sockets; i++) {
            got += receive(&peers[i]);
            if (peers[i].open < (unsigned)wanted.flight || peers[i].waiting > 0) send_to(&peers[i], wanted.flight - peers[i].open);
        }
        if (now - swept > SWEEP) {
            sweep(clock_ns(CLOCK_REALTIME));
            swept = now;
        }
        /* Few answers: let more gather instead of pulling at the queue the server fills. */
        if (got < (unsigned)(wanted.sockets * wanted.flight) / 4) sleep_until(clock_ns(CLOCK_MONOTONIC) + NAP);
    }
}

/* A fixed rate: every tick sends one question, from one socket after the other. */
static void pace(int64_t begin, int64_t until)
{
    double tick = 1e9 / wanted.rate, due = (double)begin;
    for (int turn = 0; due < (double)until && sent < wanted.queries;) {
        sleep_until((int64_t)due);
        int64_t now = clock_ns(CLOCK_MONOTONIC);
        int together = 0;
        for (; due <= (double)now && due < (double)until; due += tick, together++) {
            send_to(&peers[turn], 1);
            turn = turn + 1 == wanted.sockets ? 0 : turn + 1;
        }
        if (together > 1) bunched += (uint64_t)together;
        collect(false);
    }
}

static void read_questions(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t length = 0, room = 0;
    if (!file) fail(path);
    do {
        if (length == room && !(bytes = realloc(bytes, room = room ? room * 2 : 1 << 20))) fail("memory");
        length += fread(bytes + length, 1, room - length, file);
    } while (!feof(file) && !ferror(file));
    fclose(file);
    questions = calloc(length / 14 + 1, sizeof *questions);
    for (size_t at = 0; at + 14 <= length && at + 2 + length_of(bytes + at) <= length; at += 2 + length_of(bytes + at))
        if (length_of(bytes + at) <= MESSAGE - 2) questions[question_count++] = bytes + at;
    if (question_count < 2 * BATCH) fail("too few questions in the file");
}

int main(int count, char **arguments)
{
    const char *file = NULL;
    wanted.sockets = 16;
    wanted.queries = UINT64_MAX;
    wanted.mode = count > 1 ? arguments[1] : "";
    optind = 2;
    for (int option; (option = getopt(count, arguments, "p:q:t:n:s:f:r:z:w:")) != -1;)
        switch (option) {
        case 'p': wanted.port = atoi(optarg); break;
        case 'q': file = optarg; break;
        case 't': wanted.seconds = atof(optarg); break;
        case 'n': wanted.queries = strtoull(optarg, NULL, 10); break;
        case 's': wanted.sockets = atoi(optarg); break;
        case 'f': wanted.flight = atoi(optarg); break;
        case 'r': wanted.rate = atof(optarg); break;
        case 'w': wanted.slow = atof(optarg); break;
        case 'z': wanted.zipf = atof(optarg); break;
        default: return 2;
        }
    bool udp = !strcmp(wanted.mode, "udp");
    bool stream = !strcmp(wanted.mode, "tcp");
#ifdef WITH_TLS
    stream = stream || !strcmp(wanted.mode, "tls");
#endif
    if (!(udp || stream) || !wanted.port || !file || wanted.sockets < 1 || wanted.sockets > SOCKETS || wanted.flight < 0
        || wanted.flight >= RING || (wanted.flight > 0) == (wanted.rate > 0)) {
        fprintf(stderr, "load udp|tcp|tls -p PORT -q FILE -t SECONDS [-n QUERIES] [-s SOCKETS] (-f IN_FLIGHT | -r PER_SECOND)\n");
        return 2;
    }
    receive = udp ? udp_receive : stream_receive;
    send_to = udp ? udp_send : stream_send;
    read_questions(file);
    if (wanted.zipf > 0) prepare_zipf(wanted.zipf);
    prctl(PR_SET_TIMERSLACK, 1);
    for (int i = 0; i < wanted.sockets; i++) (udp ? udp_open : stream_open)(&peers[i]);

    char line[64];
    puts("ready");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) return 2;
    int64_t begin = clock_ns(CLOCK_MONOTONIC), until = begin + (int64_t)(wanted.seconds * 1e9);
    if (wanted.rate > 0) pace(begin, until);
    else saturate(until);
    double seconds = (double)(clock_ns(CLOCK_MONOTONIC) - begin) / 1e9;
    while (collect(true)) { }

    printf("{\"sent\": %lu, \"answered\": %lu, \"lost\": %lu, \"strange\": %lu, \"closed\": %lu, \"bunched\": %lu, \"truncated\": %lu, \"seconds\": %.6f, \"rcodes\": {",
        sent, answered, lost, strange, closed, bunched, truncated, seconds);
    for (int i = 0, more = 0; i < 16; i++)
        if (rcodes[i]) printf("%s\"%d\": %lu", more++ ? ", " : "", i, rcodes[i]);
    printf("}, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f, \"slow\": %lu}\n", percentile_us(0.5), percentile_us(0.99), percentile_us(0.999), percentile_us(1),
        slower_than(wanted.slow > 0 ? wanted.slow : 2 * percentile_us(0.5)));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) { }
    return 0;
}
