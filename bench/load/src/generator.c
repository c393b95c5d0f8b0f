/* Load generator: one thread, epoll, HTTP/1.1 keep-alive, to 127.0.0.1 only.
 *
 *   closed loop   -c CONNECTIONS: each sends its next request when its last one is answered
 *   open loop     -r RATE (a second) -c CONNECTIONS at most: requests are due on a fixed schedule, and latency
 *                 counts from the moment a request was due, also while it waits for a free connection, so that
 *                 a slow system cannot slow down the questions (coordinated omission)
 *   streams       -s: time to the first chunk with content, and each chunk's time on its way, from the stamp
 *                 "@<CLOCK_MONOTONIC ns> " that the upstream puts in its text
 *
 *   -p PORT  -u PATH  -H 'Name: value' (may be repeated)
 *   -b FILE       one body a line, sent in turn; @@SEQ@@ in it becomes twelve letters that never come again
 *   -d SECONDS of measurement, after -w SECONDS of warm-up;  -n REQUESTS at most;  -t TIMEOUT of a request, ms
 *   -x TEXT       that every good answer holds
 *
 * Prints one JSON object; times in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL        /* in ns, as all times here */
#define LONGEST_WAIT 50000000LL    /* of one epoll_wait */
#define SWEEP_EVERY 200000000LL    /* between two looks for requests that timed out */
#define MOST_REFUSED 1000          /* connections, after which the run is given up */
#define MARK "@@SEQ@@"
#define MARK_SIZE 12
#define MARKS 16                   /* in one body, at most */
#define FILE_SIZE (8 << 20)        /* of all bodies, at most */

/* ---- samples: times in units of 0.1 us ---- */

typedef struct {
    uint32_t *values;
    size_t count, room;
} Samples;

static Samples latency, first_chunk, on_the_way, between_chunks;

static void add(Samples *samples, int64_t ns) {
    if (samples->count == samples->room) {
        samples->room = samples->room ? samples->room * 2 : 1 << 16;
        samples->values = realloc(samples->values, samples->room * sizeof *samples->values);
    }
    int64_t value = ns / 100;
    samples->values[samples->count++] = value < 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : value;
}

static int by_size(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static double quantile(const Samples *samples, double q) {
    return samples->count ? samples->values[(size_t)((samples->count - 1) * q)] / 10.0 : 0;
}

static void print_samples(const char *name, Samples *samples) {
    static const struct {
        const char *name;
        double q;
    } shown[] = {{"min", 0}, {"p50", .5}, {"p90", .9}, {"p99", .99}, {"p999", .999}, {"max", 1}};
    if (samples->count)
        qsort(samples->values, samples->count, sizeof *samples->values, by_size);
    double sum = 0;
    for (size_t i = 0; i < samples->count; i++)
        sum += samples->values[i];
    printf(",\"%s\":{\"n\":%zu,\"mean\":%.1f", name, samples->count,
           samples->count ? sum / samples->count / 10 : 0);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        printf(",\"%s\":%.1f", shown[i].name, quantile(samples, shown[i].q));
    printf("}");
}

/* ---- what is asked for, and what was seen ---- */

static struct {
    int port, connections, streamed, timeout_ms;
    double rate, seconds, warm_seconds;
    long most;
    const char *path, *expected, *file;
    char headers[8192];
} asked = {.port = 8080, .connections = 1, .timeout_ms = 30000, .seconds = 5, .most = 2000000,
           .path = "/v1/chat/completions"};

static struct {
    long started, done, good, chunks;
    long refused, bad_status, bad_body, timed_out, reset;
    int status[600];
    int64_t last;
} seen;

static int64_t begun, measured_from, ends_at;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

/* ---- requests, made once, with room for the number that differs each time ---- */

typedef struct {
    char *bytes;
    size_t size, marks[MARKS];
    int mark_count;
} Request;

static Request *requests;
static size_t request_count, largest_request;
static unsigned long sequence;

static void make_request(const char *line, size_t size) {
    Request made = {.bytes = malloc(size * 2 + sizeof asked.headers + 1024)};
    char *body = malloc(size * 2 + MARK_SIZE);
    size_t length = 0;
    for (size_t i = 0; i < size;) {
        if (made.mark_count < MARKS && !strncmp(line + i, MARK, strlen(MARK))) {
            made.marks[made.mark_count++] = length;
            memset(body + length, 'a', MARK_SIZE);
            length += MARK_SIZE;
            i += strlen(MARK);
        } else {
            body[length++] = line[i++];
        }
    }
    int head = sprintf(made.bytes,
                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                       "Accept: */*\r\n%sContent-Length: %zu\r\n\r\n",
                       asked.path, asked.port, asked.headers, length);
    memcpy(made.bytes + head, body, length);
    free(body);
    made.size = head + length;
    for (int i = 0; i < made.mark_count; i++)
        made.marks[i] += head;
    if (made.size > largest_request)
        largest_request = made.size;
    requests = realloc(requests, (request_count + 1) * sizeof *requests);
    requests[request_count++] = made;
}

static int read_requests(void) {
    FILE *file = asked.file ? fopen(asked.file, "rb") : NULL;
    if (!file)
        return 0;
    char *text = malloc(FILE_SIZE + 1);
    text[fread(text, 1, FILE_SIZE, file)] = 0;
    fclose(file);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        make_request(line, strlen(line));
    free(text);
    struct timespec clock; /* microseconds: faster than any run asks, so that no number comes twice */
    clock_gettime(CLOCK_REALTIME, &clock);
    sequence = clock.tv_sec * 1000000UL + clock.tv_nsec / 1000;
    return request_count > 0;
}

/* ---- connections ---- */

enum { SIZE, DATA, AFTER_DATA, LAST_LINE }; /* where in a chunked body */

typedef struct {
    int fd, busy, open;
    int64_t due, sent, first, last_chunk;
    char *out;
    size_t out_size, out_sent;
    /* the answer so far */
    char head[16384];
    size_t head_size;
    int in_body, status, chunked, closes;
    long body_size, chunk_left;
    size_t body_got;
    int where;
    /* what was found in its body */
    int matched, good, done_matched, done, chunks, stamp_digits;
    uint64_t stamp;
} Connection;

static int poller, free_count, *free_list;
static Connection *connections;

static void watch(Connection *c, int operation, int writable) {
    struct epoll_event event = {EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0), {.ptr = c}};
    epoll_ctl(poller, operation, c->fd, &event);
}

static int connect_to(Connection *c) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(asked.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(c->fd, (void *)&address, sizeof address)) {
        close(c->fd);
        c->fd = -1;
        seen.refused++;
        return 0;
    }
    watch(c, EPOLL_CTL_ADD, 0);
    return c->open = 1;
}

static void disconnect(Connection *c) {
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->open = 0;
}

static void send_rest(Connection *c) {
    while (c->out_sent < c->out_size) {
        ssize_t sent =
            send(c->fd, c->out + c->out_sent, c->out_size - c->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno == EAGAIN)
                watch(c, EPOLL_CTL_MOD, 1);
            return; /* other errors are seen when reading */
        }
        c->out_sent += sent;
    }
}

/* Sends the next request; the connection is not busy afterwards if it was refused. */
static void ask(Connection *c, int64_t due) {
    if (!c->open && !connect_to(c)) {
        seen.done++;
        return;
    }
    Request *request = &requests[++sequence % request_count];
    char number[MARK_SIZE + 1];
    snprintf(number, sizeof number, "%012lu", sequence % 1000000000000UL);
    for (int i = 0; i < MARK_SIZE; i++)
        number[i] += 'a' - '0';
    memcpy(c->out, request->bytes, request->size);
    for (int i = 0; i < request->mark_count; i++)
        memcpy(c->out + request->marks[i], number, MARK_SIZE);
    c->out_size = request->size;
    c->out_sent = 0;
    c->busy = 1;
    c->head_size = c->body_got = 0;
    c->in_body = c->status = c->chunked = c->closes = c->where = 0;
    c->matched = c->good = c->done_matched = c->done = c->chunks = c->stamp_digits = 0;
    c->first = c->last_chunk = 0;
    c->body_size = -1;
    c->chunk_left = 0;
    c->due = due;
    seen.started++;
    c->sent = now();
    send_rest(c);
}

/* ---- answers ---- */

/* Open loop: what was due while measuring. Closed loop: what is complete while measuring. */
static int counts(const Connection *c, int64_t at) {
    return asked.rate > 0 ? c->due >= measured_from : at >= measured_from && at <= ends_at;
}

static void finish(Connection *c, int64_t at) {
    c->busy = 0;
    seen.done++;
    seen.last = at;
    if (c->status >= 0 && c->status < 600)
        seen.status[c->status]++;
    if (c->status != 200) {
        seen.bad_status++;
    } else if (asked.streamed ? !c->done || !c->chunks : asked.expected && !c->good) {
        seen.bad_body++;
    } else if (counts(c, at)) {
        seen.good++;
        add(&latency, at - c->due);
        if (c->first)
            add(&first_chunk, c->first - c->due);
    }
    if (c->closes)
        disconnect(c);
}

static void fail(Connection *c, long *counter) {
    (*counter)++;
    seen.done++;
    c->busy = 0;
    disconnect(c);
}

static void look_for_expected(Connection *c, const char *bytes, size_t size) {
    const char *text = asked.expected;
    for (size_t i = 0; i < size && text && !c->good; i++) {
        if (bytes[i] == text[c->matched])
            c->good = !text[++c->matched];
        else
            c->matched = bytes[i] == text[0];
    }
}

static void saw_chunk(Connection *c, int64_t at) {
    int measured = counts(c, at);
    c->chunks++;
    if (!c->first)
        c->first = at;
    else if (measured)
        add(&between_chunks, at - c->last_chunk);
    c->last_chunk = at;
    if (measured) {
        add(&on_the_way, at - (int64_t)c->stamp);
        seen.chunks++;
    }
}

static void look_for_stamps(Connection *c, const char *bytes, size_t size, int64_t at) {
    static const char end[] = "[DONE]";
    for (size_t i = 0; i < size; i++) {
        char byte = bytes[i];
        c->done_matched = byte == end[c->done_matched] ? c->done_matched + 1 : byte == end[0];
        if (!end[c->done_matched]) {
            c->done = 1;
            c->done_matched = 0;
        }
        if (byte == '@') {
            c->stamp_digits = 1;
            c->stamp = 0;
        } else if (c->stamp_digits && byte >= '0' && byte <= '9') {
            c->stamp = c->stamp * 10 + (byte - '0');
            c->stamp_digits++;
        } else if (c->stamp_digits) {
            if (c->stamp_digits > 10)
                saw_chunk(c, at);
            c->stamp_digits = 0;
        }
    }
}

static void take_body(Connection *c, const char *bytes, size_t size, int64_t at) {
    c->body_got += size;
    if (asked.streamed)
        look_for_stamps(c, bytes, size, at);
    else
        look_for_expected(c, bytes, size);
}

static int hex(char byte) {
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 32;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void take_chunked(Connection *c, const char *bytes, size_t size, int64_t at) {
    while (size) {
        if (c->where == DATA) {
            size_t part = (size_t)c->chunk_left < size ? (size_t)c->chunk_left : size;
            take_body(c, bytes, part, at);
            bytes += part;
            size -= part;
            c->chunk_left -= part;
            if (!c->chunk_left)
                c->where = AFTER_DATA;
            continue;
        }
        char byte = *bytes++;
        size--;
        if (c->where == SIZE && byte != '\n') {
            int digit = hex(byte);
            if (digit >= 0)
                c->chunk_left = c->chunk_left * 16 + digit;
        } else if (byte == '\n') {
            if (c->where == LAST_LINE) {
                finish(c, at);
                return;
            }
            c->where = c->where == AFTER_DATA ? SIZE : c->chunk_left ? DATA : LAST_LINE;
        }
    }
}

/* Reads the head once it is all there; returns how many of its bytes belong to the body, or -1. */
static ssize_t take_head(Connection *c, const char *bytes, size_t size) {
    if (c->head_size + size > sizeof c->head - 1)
        size = sizeof c->head - 1 - c->head_size;
    memcpy(c->head + c->head_size, bytes, size);
    c->head_size += size;
    c->head[c->head_size] = 0;
    char *end = strstr(c->head, "\r\n\r\n");
    if (!end)
        return -1;
    size_t rest = c->head + c->head_size - (end + 4);
    c->status = atoi(c->head + strlen("HTTP/1.1 "));
    if (c->status == 100) {
        memmove(c->head, end + 4, rest);
        c->head_size = rest;
        return -1;
    }
    for (char *line = strstr(c->head, "\r\n"); line && line < end; line = strstr(line, "\r\n")) {
        line += 2;
        if (!strncasecmp(line, "content-length:", 15))
            c->body_size = atol(line + 15);
        else if (!strncasecmp(line, "transfer-encoding: chunked", 26))
            c->chunked = 1;
        else if (!strncasecmp(line, "connection: close", 17))
            c->closes = 1;
    }
    c->in_body = 1;
    return rest;
}

static void take(Connection *c, const char *bytes, size_t size, int64_t at) {
    if (!c->in_body) {
        ssize_t rest = take_head(c, bytes, size);
        if (rest < 0)
            return;
        bytes = c->head + c->head_size - rest;
        size = rest;
    }
    if (c->chunked) {
        take_chunked(c, bytes, size, at);
        return;
    }
    take_body(c, bytes, size, at);
    if (c->body_size >= 0 && (long)c->body_got >= c->body_size)
        finish(c, at);
}

static void ready(Connection *c, uint32_t events) {
    static char buffer[1 << 17];
    if (events & EPOLLOUT) {
        watch(c, EPOLL_CTL_MOD, 0);
        send_rest(c);
    }
    if (!(events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)))
        return;
    int was_busy = c->busy;
    ssize_t got = recv(c->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) {
        if (c->busy)
            take(c, buffer, got, now());
    } else if (got == 0 || errno != EAGAIN) {
        if (!c->busy) {
            disconnect(c);
        } else if (got == 0 && c->in_body && !c->chunked && c->body_size < 0) {
            c->closes = 1; /* a body that ends with the connection */
            finish(c, now());
        } else {
            fail(c, &seen.reset);
        }
    }
    if (was_busy && !c->busy)
        free_list[free_count++] = c - connections;
}

/* ---- the run ---- */

static long next_due; /* open loop: number of the next request */

static int64_t due_at(long number) {
    return begun + (int64_t)(number * (SECOND / asked.rate));
}

/* Whether requests are still to be sent. In the open loop also those that were due before the end and are late. */
static int more_to_send(int64_t at) {
    if (seen.started + seen.refused >= asked.most || seen.refused > MOST_REFUSED)
        return 0;
    return asked.rate > 0 ? due_at(next_due) < ends_at : at < ends_at;
}

static void send_what_is_due(void) {
    int64_t at = now();
    while (free_count && more_to_send(at)) {
        int64_t due = asked.rate > 0 ? due_at(next_due) : at;
        if (due > at)
            return;
        next_due++;
        Connection *c = &connections[free_list[--free_count]];
        ask(c, due);
        if (!c->busy) {
            free_list[free_count++] = c - connections;
            return;
        }
        at = now();
    }
}

static void sweep(int64_t at) {
    for (int i = 0; i < asked.connections; i++) {
        Connection *c = &connections[i];
        if (c->busy && at - c->sent > asked.timeout_ms * 1000000LL) {
            fail(c, &seen.timed_out);
            free_list[free_count++] = i;
        }
    }
}

static void run(void) {
    static struct epoll_event events[1024];
    int64_t swept = begun, given_up = ends_at + asked.timeout_ms * 1000000LL;
    for (;;) {
        send_what_is_due();
        int64_t at = now(), wait = LONGEST_WAIT;
        int more = more_to_send(at);
        if ((!more && free_count == asked.connections) || at > given_up)
            return;
        if (asked.rate > 0 && free_count && more) {
            wait = due_at(next_due) - at;
            wait = wait < 0 ? 0 : wait > LONGEST_WAIT ? LONGEST_WAIT : wait;
        }
        struct timespec limit = {0, wait};
        int count = epoll_pwait2(poller, events, sizeof events / sizeof *events, &limit, NULL);
        for (int i = 0; i < count; i++)
            ready(events[i].data.ptr, events[i].events);
        at = now();
        if (at - swept > SWEEP_EVERY) {
            swept = at;
            sweep(at);
        }
    }
}

static void print_report(void) {
    long unsent = 0;
    if (asked.rate > 0 && seen.started < asked.most)
        while (due_at(next_due + unsent) < ends_at)
            unsent++;
    int unanswered = asked.connections - free_count;
    int64_t until = asked.rate > 0 || seen.last < ends_at ? seen.last : ends_at;
    double span = until > measured_from ? (until - measured_from) / (double)SECOND : 1e-9;
    printf("{\"good\":%ld,\"started\":%ld,\"done\":%ld,\"seconds\":%.3f,\"rps\":%.1f,\"chunks\":%ld,"
           "\"chunks_s\":%.1f",
           seen.good, seen.started, seen.done, span, seen.good / span, seen.chunks, seen.chunks / span);
    printf(",\"errors\":{\"connect\":%ld,\"status\":%ld,\"body\":%ld,\"timeout\":%ld,\"reset\":%ld,"
           "\"unsent\":%ld,\"unanswered\":%d},\"status\":{",
           seen.refused, seen.bad_status, seen.bad_body, seen.timed_out, seen.reset, unsent, unanswered);
    const char *comma = "";
    for (int i = 0; i < 600; i++)
        if (seen.status[i]) {
            printf("%s\"%d\":%d", comma, i, seen.status[i]);
            comma = ",";
        }
    printf("}");
    print_samples("lat", &latency);
    if (asked.streamed) {
        print_samples("ttfb", &first_chunk);
        print_samples("fly", &on_the_way);
        print_samples("gap", &between_chunks);
    }
    printf("}\n");
}

static int read_arguments(int count, char **arguments) {
    for (int option; (option = getopt(count, arguments, "p:u:H:b:c:r:d:w:n:t:x:s")) != -1;) {
        switch (option) {
        case 'p': asked.port = atoi(optarg); break;
        case 'u': asked.path = optarg; break;
        case 'b': asked.file = optarg; break;
        case 'c': asked.connections = atoi(optarg); break;
        case 'r': asked.rate = atof(optarg); break;
        case 'd': asked.seconds = atof(optarg); break;
        case 'w': asked.warm_seconds = atof(optarg); break;
        case 'n': asked.most = atol(optarg); break;
        case 't': asked.timeout_ms = atoi(optarg); break;
        case 'x': asked.expected = optarg; break;
        case 's': asked.streamed = 1; break;
        case 'H':
            if (strlen(asked.headers) + strlen(optarg) + 3 > sizeof asked.headers)
                return 0;
            strcat(strcat(asked.headers, optarg), "\r\n");
            break;
        default: return 0;
        }
    }
    return asked.connections > 0;
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    if (!read_arguments(count, arguments) || !read_requests()) {
        fprintf(stderr, "bad arguments, or no bodies; see the head of generator.c\n");
        return 2;
    }
    poller = epoll_create1(0);
    connections = calloc(asked.connections, sizeof *connections);
    free_list = malloc(asked.connections * sizeof *free_list);
    for (int i = asked.connections - 1; i >= 0; i--) {
        connections[i].fd = -1;
        connections[i].out = malloc(largest_request);
        free_list[free_count++] = i;
    }
    begun = now();
    measured_from = begun + (int64_t)(asked.warm_seconds * SECOND);
    ends_at = measured_from + (int64_t)(asked.seconds * SECOND);
    run();
    print_report();
    return 0;
}
