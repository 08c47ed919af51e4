/* What wrk and h2load do not do: TLS handshakes, WebSocket messages, and requests at a fixed pace of which the slowest counts.
 *
 *   load handshake HOST PORT CONNECTIONS SECONDS full|resumed   a handshake (TLS 1.3) and one request for each connection
 *   load websocket HOST PORT CONNECTIONS SECONDS                one message of 64 bytes in flight on each connection
 *   load pace      HOST PORT RATE SECONDS                       one request each 1/RATE seconds on one connection
 *   load echo      PORT                                         the program behind the gateways: sends messages back
 *
 * Each connection has a thread that blocks: the generator's cost is on the other core. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 64, ROOM = 65536 };

static const char *host;
static int port;
static double end_time;
static int resumed;
static SSL_CTX *tls;
static atomic_long answered, lost, anew;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_in loopback(int number)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return address;
}

static int open_connection(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    struct timeval patience = {.tv_sec = 5};
    struct sockaddr_in to = loopback(port);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int read_exactly(int fd, unsigned char *into, size_t count)
{
    while (count > 0) {
        ssize_t n = recv(fd, into, count, 0);
        if (n <= 0)
            return 0;
        into += n;
        count -= n;
    }
    return 1;
}

/* Reads up to the empty line and not beyond: what follows belongs to the other side's first message. */
static int read_head(int fd, char *into, size_t room)
{
    size_t length = 0;
    while (length + 1 < room && recv(fd, into + length, 1, 0) == 1) {
        into[++length] = 0;
        if (length >= 4 && memcmp(into + length - 4, "\r\n\r\n", 4) == 0)
            return 1;
    }
    return 0;
}

/* ---- handshakes ---- */

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION **kept = SSL_get_app_data(ssl);
    SSL_SESSION_free(*kept);
    *kept = session;
    return 1;
}

static int one_handshake(SSL_SESSION **kept, int wanted)
{
    char request[256], answer[4096];
    int fd = open_connection(), good = 0, n, got = 0;
    if (fd < 0)
        return 0;
    SSL *ssl = SSL_new(tls);
    SSL_set_app_data(ssl, kept);
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, host);
    if (wanted && *kept)
        SSL_set_session(ssl, *kept);
    int length = snprintf(request, sizeof request, "GET /1k HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
    if (SSL_connect(ssl) == 1 && SSL_write(ssl, request, length) == length) {
        if (wanted && *kept && !SSL_session_reused(ssl))
            anew++;
        while ((n = SSL_read(ssl, answer, sizeof answer)) > 0) {
            if (got == 0)
                good = n > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0;
            got += n;
        }
        good = good && got > 1024;
    }
    /* Without it OpenSSL takes the session for a broken one and does not resume it. */
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl);
    close(fd);
    return good;
}

static void *handshakes(void *unused)
{
    SSL_SESSION *kept = NULL;
    (void)unused;
    while (now() < end_time) {
        if (one_handshake(&kept, resumed))
            answered++;
        else
            lost++;
    }
    SSL_SESSION_free(kept);
    return NULL;
}

/* ---- WebSocket ---- */

static int upgrade(int fd)
{
    char text[2048];
    int length = snprintf(text, sizeof text, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", host);
    return send(fd, text, length, MSG_NOSIGNAL) == length && read_head(fd, text, sizeof text) && memcmp(text, "HTTP/1.1 101", 12) == 0;
}

static void *messages(void *unused)
{
    /* A masked binary frame (RFC 6455 section 5.2) with the mask 0, so that the content is what is sent. */
    unsigned char frame[6 + MESSAGE] = {0x82, 0x80 | MESSAGE}, answer[2 + MESSAGE];
    int fd = open_connection();
    (void)unused;
    if (fd < 0 || !upgrade(fd)) {
        lost++;
        return NULL;
    }
    for (unsigned long i = 0; now() < end_time; i++) {
        memcpy(frame + 6, &i, sizeof i);
        if (send(fd, frame, sizeof frame, MSG_NOSIGNAL) != sizeof frame || !read_exactly(fd, answer, sizeof answer) || memcmp(answer + 2, frame + 6, MESSAGE) != 0) {
            lost++;
            break;
        }
        answered++;
    }
    close(fd);
    return NULL;
}

static void *echo_connection(void *argument)
{
    int fd = (int)(long)argument;
    char head[8192], accept[32], *key;
    unsigned char frame[6 + MESSAGE], digest[SHA_DIGEST_LENGTH];
    if (read_head(fd, head, sizeof head) && (key = strcasestr(head, "Sec-WebSocket-Key: "))) {
        char joined[128], answer[256];
        snprintf(joined, sizeof joined, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 19);
        SHA1((unsigned char *)joined, strlen(joined), digest);
        EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
        int length = snprintf(answer, sizeof answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
        send(fd, answer, length, MSG_NOSIGNAL);
        while (read_exactly(fd, frame, sizeof frame)) {
            unsigned char back[2 + MESSAGE] = {0x82, MESSAGE};
            for (int i = 0; i < MESSAGE; i++)
                back[2 + i] = frame[6 + i] ^ frame[2 + i % 4];
            send(fd, back, sizeof back, MSG_NOSIGNAL);
        }
    }
    close(fd);
    return NULL;
}

static int echo(void)
{
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = loopback(port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1024) != 0)
        return 1;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (pthread_create(&thread, NULL, echo_connection, (void *)(long)fd) == 0)
            pthread_detach(thread);
        else
            close(fd);
    }
}

/* ---- a steady pace ---- */

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* One answer, in as few calls as it comes in: a client that is slow itself never catches up with its own pace. */
static int read_answer(int fd)
{
    char into[ROOM], *body = NULL;
    size_t length = 0, whole = sizeof into;
    while (length < whole) {
        ssize_t n = recv(fd, into + length, sizeof into - 1 - length, 0);
        if (n <= 0)
            return 0;
        into[length += n] = 0;
        if (body == NULL && (body = strstr(into, "\r\n\r\n")) != NULL) {
            char *size = strcasestr(into, "Content-Length: ");
            if (memcmp(into, "HTTP/1.1 200", 12) != 0 || size == NULL || size > body)
                return 0;
            whole = body + 4 - into + atoi(size + 16);
        }
    }
    return length == whole;
}

static int pace(int rate, double seconds)
{
    int total = rate * seconds, fd = open_connection();
    double *took = calloc(total, sizeof *took), began = now();
    char request[256];
    int length = snprintf(request, sizeof request, "GET /1k HTTP/1.1\r\nHost: %s\r\n\r\n", host);
    for (int i = 0; i < total; i++) {
        /* From when it was due, so that a request behind a slow one is late as well. */
        double due = began + (double)i / rate, wait = due - now();
        if (wait > 0)
            usleep(wait * 1e6);
        double sent = wait > 0 ? now() : due;
        if (send(fd, request, length, MSG_NOSIGNAL) != length || !read_answer(fd)) {
            lost++;
            close(fd);
            fd = open_connection();
            continue;
        }
        took[answered++] = now() - sent;
    }
    qsort(took, answered, sizeof *took, by_size);
    long n = answered, late = 0;
    while (late < n && took[n - 1 - late] > 0.005)
        late++;
    printf("{\"answered\": %ld, \"lost\": %ld, \"late\": %ld, \"p50\": %.0f, \"p99\": %.0f, \"most\": %.0f}\n", n, (long)lost, late, n ? took[n / 2] * 1e6 : 0, n ? took[n * 99 / 100] * 1e6 : 0, n ? took[n - 1] * 1e6 : 0);
    return 0;
}

static void run(void *(*work)(void *), int connections, double seconds)
{
    pthread_t *threads = calloc(connections, sizeof *threads);
    end_time = now() + seconds;
    for (int i = 0; i < connections; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    printf("{\"answered\": %ld, \"lost\": %ld, \"anew\": %ld}\n", (long)answered, (long)lost, (long)anew);
}

int main(int count, char **words)
{
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    if (count == 3 && strcmp(words[1], "echo") == 0) {
        port = atoi(words[2]);
        return echo();
    }
    if (count < 6)
        return 2;
    host = words[2];
    port = atoi(words[3]);
    double seconds = atof(words[5]);
    if (strcmp(words[1], "pace") == 0)
        return pace(atoi(words[4]), seconds);
    if (strcmp(words[1], "websocket") == 0) {
        run(messages, atoi(words[4]), seconds);
        return 0;
    }
    resumed = count > 6 && strcmp(words[6], "resumed") == 0;
    tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(tls, keep_session);
    SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
    run(handshakes, atoi(words[4]), seconds);
    return 0;
}
