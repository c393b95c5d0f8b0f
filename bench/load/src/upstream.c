/* Scripted OpenAI-shaped upstream: one thread, epoll, HTTP/1.1 keep-alive. Listens on 127.0.0.1 only.
 *
 *   upstream PORT
 *
 *   POST …/chat/completions   a plain answer that holds PONG-OK, or, when asked with "stream": true, a stream
 *                             whose every chunk with content holds the stamp "@<CLOCK_MONOTONIC ns> ", so that
 *                             a client on this machine can tell how long the chunk was on its way
 *   GET /set/DIRECTIVES       how all later requests are answered; directives joined with '-':
 *       dN  N ms before the first byte      nN  N chunks with content
 *       cN  N ms between two chunks         sN  N bytes of text in a plain answer
 *       eN  status N instead of an answer (429 and 503 with Retry-After)
 *   GET /stats                counters since the start: {"chat", "stream", "chunks", "aborted", "other"}
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

#define MS 1000000LL         /* in ns, as all times here */
#define LONGEST_TEXT (1 << 20)
#define ID "\"id\":\"chatcmpl-%012lu\""

typedef struct {
    int delay, chunks, gap, size, error;
} Script;

enum State { IDLE, WAITING, STREAMING };

typedef struct {
    int fd, place; /* in the queue of timers; -1: not in it */
    enum State state;
    int closes, writable_watched;
    char *in, *out;
    size_t in_size, in_room, out_size, out_sent, out_room;
    Script script;
    int streamed, usage, sent; /* chunks */
    int64_t due;
    unsigned long number;
    char model[128];
} Connection;

static const Script standard = {.chunks = 20, .size = 64};
static Script script;
static int poller;
static char *filler;
static struct {
    unsigned long chat, stream, chunks, aborted, other;
} stats;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 * MS + time.tv_nsec;
}

static Script read_script(const char *text) {
    Script found = standard;
    char buffer[256];
    snprintf(buffer, sizeof buffer, "%s", text);
    for (char *rest, *word = strtok_r(buffer, "-", &rest); word; word = strtok_r(NULL, "-", &rest)) {
        int value = atoi(word + 1);
        switch (*word) {
        case 'd': found.delay = value; break;
        case 'n': found.chunks = value; break;
        case 'c': found.gap = value; break;
        case 's': found.size = value > LONGEST_TEXT ? LONGEST_TEXT : value; break;
        case 'e': found.error = value; break;
        }
    }
    return found;
}

/* ---- timers: a binary heap of connections, the next one due first ---- */

static Connection **timers;
static int timer_count, timer_room;

static void swap_timers(int a, int b) {
    Connection *kept = timers[a];
    timers[a] = timers[b];
    timers[b] = kept;
    timers[a]->place = a;
    timers[b]->place = b;
}

static void rise(int i) {
    for (; i && timers[(i - 1) / 2]->due > timers[i]->due; i = (i - 1) / 2)
        swap_timers(i, (i - 1) / 2);
}

static void sink(int i) {
    for (;;) {
        int least = i;
        for (int child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < timer_count && timers[child]->due < timers[least]->due)
                least = child;
        if (least == i)
            return;
        swap_timers(i, least);
        i = least;
    }
}

static void wake_at(Connection *c, int64_t due) {
    if (timer_count == timer_room) {
        timer_room = timer_room ? timer_room * 2 : 256;
        timers = realloc(timers, timer_room * sizeof *timers);
    }
    c->due = due;
    c->place = timer_count;
    timers[timer_count++] = c;
    rise(c->place);
}

static void forget_timer(Connection *c) {
    int place = c->place;
    if (place < 0)
        return;
    if (place != --timer_count) {
        swap_timers(place, timer_count);
        sink(place);
        rise(place);
    }
    c->place = -1;
}

/* ---- connections; what returns int returns 0 when the connection is gone ---- */

static void watch(Connection *c, int operation, int writable) {
    struct epoll_event event = {EPOLLIN | EPOLLRDHUP | (writable ? EPOLLOUT : 0), {.ptr = c}};
    epoll_ctl(poller, operation, c->fd, &event);
    c->writable_watched = writable;
}

static void drop(Connection *c) {
    stats.aborted += c->state != IDLE;
    forget_timer(c);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}

static void put(Connection *c, const char *bytes, size_t size) {
    if (c->out_size + size > c->out_room) {
        c->out_room = (c->out_size + size) * 2 + 1024;
        c->out = realloc(c->out, c->out_room);
    }
    memcpy(c->out + c->out_size, bytes, size);
    c->out_size += size;
}

static int flush(Connection *c) {
    while (c->out_sent < c->out_size) {
        ssize_t sent = send(c->fd, c->out + c->out_sent, c->out_size - c->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            if (!c->writable_watched)
                watch(c, EPOLL_CTL_MOD, 1);
            return 1;
        }
        if (sent < 0) {
            drop(c);
            return 0;
        }
        c->out_sent += sent;
    }
    c->out_size = c->out_sent = 0;
    if (c->writable_watched)
        watch(c, EPOLL_CTL_MOD, 0);
    return 1;
}

/* ---- answers ---- */

static int reply(Connection *c, int status, const char *headers, const char *body, size_t size) {
    char head[512];
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s%s\r\n",
                          status, status == 200 ? "OK" : "Error", size, headers,
                          c->closes ? "Connection: close\r\n" : "");
    put(c, head, length);
    put(c, body, size);
    c->state = IDLE;
    return flush(c);
}

static int reply_error(Connection *c, int status) {
    char body[256];
    int size = snprintf(body, sizeof body,
                        "{\"error\":{\"message\":\"scripted error %d\",\"type\":\"%s\",\"param\":null,"
                        "\"code\":\"scripted\"}}",
                        status, status < 500 ? "invalid_request_error" : "server_error");
    return reply(c, status, status == 429 || status == 503 ? "Retry-After: 1\r\n" : "", body, size);
}

static int reply_whole(Connection *c) {
    static char body[LONGEST_TEXT + 2048];
    int text = c->script.size, tokens = text / 4 + 2;
    int size = snprintf(
        body, sizeof body,
        "{" ID ",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"%s\","
        "\"system_fingerprint\":\"fp_fake\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"PONG-OK %.*s\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":%d,\"total_tokens\":%d}}",
        c->number, c->model, text, filler, tokens, tokens + 12);
    return reply(c, 200, "x-upstream: scripted\r\n", body, size);
}

static void put_event(Connection *c, const char *choices, const char *more) {
    char event[1024], head[16];
    int size = snprintf(event, sizeof event,
                        "data: {" ID ",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                        "\"model\":\"%s\",\"choices\":[%s]%s}\n\n",
                        c->number, c->model, choices, more);
    put(c, head, snprintf(head, sizeof head, "%x\r\n", size));
    put(c, event, size);
    put(c, "\r\n", 2);
}

/* Sends chunks until the next one has to wait, or all are sent. */
static int stream_on(Connection *c) {
    char text[256];
    while (c->sent < c->script.chunks) {
        int64_t at = now();
        snprintf(text, sizeof text, "{\"index\":0,\"delta\":{%s\"content\":\"@%lld \"},\"finish_reason\":null}",
                 c->sent ? "" : "\"role\":\"assistant\",", (long long)at);
        put_event(c, text, "");
        c->sent++;
        stats.chunks++;
        if (!flush(c))
            return 0;
        if (c->script.gap && c->sent < c->script.chunks) {
            wake_at(c, at + c->script.gap * MS);
            return 1;
        }
    }
    put_event(c, "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}", "");
    if (c->usage) {
        snprintf(text, sizeof text,
                 ",\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":%d,\"total_tokens\":%d}",
                 c->script.chunks, c->script.chunks + 12);
        put_event(c, "", text);
    }
    static const char end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
    put(c, end, sizeof end - 1);
    c->state = IDLE;
    return flush(c);
}

static int answer(Connection *c) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
                               "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (c->script.error)
        return reply_error(c, c->script.error);
    if (!c->streamed)
        return reply_whole(c);
    put(c, head, sizeof head - 1);
    c->state = STREAMING;
    c->sent = 0;
    return stream_on(c);
}

/* ---- requests ---- */

/* The value after a key of a JSON body, found without parsing it. */
static const char *value_of(const char *body, size_t size, const char *key) {
    const char *at = memmem(body, size, key, strlen(key)), *end = body + size;
    if (!at)
        return NULL;
    for (at += strlen(key); at < end && strchr(" :\n\t", *at); at++)
        ;
    return at < end ? at : NULL;
}

static int take_chat(Connection *c, const char *body, size_t size) {
    const char *model = value_of(body, size, "\"model\""), *streamed = value_of(body, size, "\"stream\"");
    const char *usage = value_of(body, size, "\"include_usage\"");
    const char *quote = model && *model == '"' ? memchr(model + 1, '"', body + size - model - 1) : NULL;
    int length = quote && quote - model - 1 < 100 ? quote - model - 1 : 0;
    snprintf(c->model, sizeof c->model, "%.*s", length ? length : 4, length ? model + 1 : "fake");
    c->streamed = streamed && *streamed == 't';
    c->usage = !usage || *usage == 't';
    c->number = ++stats.chat;
    stats.stream += c->streamed;
    c->script = script;
    c->state = WAITING;
    if (!c->script.delay)
        return answer(c);
    wake_at(c, now() + c->script.delay * MS);
    return 1;
}

static int take_request(Connection *c, const char *path, const char *body, size_t size) {
    static const char chat[] = "/chat/completions";
    size_t length = strlen(path);
    char text[256] = "{\"status\":\"ok\"}";
    if (c->in[0] == 'P' && length >= sizeof chat - 1 && !strcmp(path + length - (sizeof chat - 1), chat))
        return take_chat(c, body, size);
    if (!strncmp(path, "/set/", 5)) {
        script = read_script(path + 5);
    } else if (!strcmp(path, "/stats")) {
        snprintf(text, sizeof text,
                 "{\"chat\":%lu,\"stream\":%lu,\"chunks\":%lu,\"aborted\":%lu,\"other\":%lu}", stats.chat,
                 stats.stream, stats.chunks, stats.aborted, stats.other);
    } else {
        stats.other++;
        if (strcmp(path, "/") && strncmp(path, "/health", 7))
            return reply_error(c, 404);
    }
    return reply(c, 200, "", text, strlen(text));
}

/* Joins the parts of a chunked body in place; returns what it took of the input, or 0 while it is not all there. */
static size_t join_chunks(char *body, const char *end, size_t *size) {
    char *to = body, *from = body;
    for (int pass = 0; pass < 2; pass++) { /* first only looks whether all is there */
        from = to = body;
        for (;;) {
            char *line = memmem(from, end - from, "\r\n", 2);
            long part = line ? strtol(from, NULL, 16) : -1;
            if (part < 0 || line + 2 + part + 2 > end)
                return 0;
            if (pass)
                memmove(to, line + 2, part);
            to += part;
            from = line + 2 + part + 2;
            if (!part)
                break;
        }
    }
    *size = to - body;
    return from - body;
}

/* Answers all requests that are complete, one at a time. */
static void take_all(Connection *c) {
    while (c->state == IDLE && c->in_size) {
        char *end = memmem(c->in, c->in_size, "\r\n\r\n", 4), path[256] = "";
        if (!end)
            return;
        char *body = end + 4;
        size_t size = 0, taken = 0;
        int chunked = 0;
        c->closes = 0;
        for (char *line = c->in; line && line < end; line = memchr(line, '\n', end - line), line += line != NULL) {
            if (!strncasecmp(line, "content-length:", 15))
                size = taken = atol(line + 15);
            else if (!strncasecmp(line, "transfer-encoding:", 18))
                chunked = 1;
            else if (!strncasecmp(line, "connection: close", 17))
                c->closes = 1;
        }
        if (chunked ? !(taken = join_chunks(body, c->in + c->in_size, &size))
                    : c->in + c->in_size < body + size)
            return;
        taken += body - c->in;
        sscanf(c->in, "%*s %255[^ ?\r\n]", path);
        if (!take_request(c, path, body, size))
            return;
        memmove(c->in, c->in + taken, c->in_size - taken);
        c->in_size -= taken;
        if (c->state == IDLE && c->closes) {
            drop(c);
            return;
        }
    }
}

static void read_all(Connection *c) {
    for (;;) {
        if (c->in_size + 1 >= c->in_room) {
            c->in_room *= 2;
            c->in = realloc(c->in, c->in_room);
        }
        size_t room = c->in_room - c->in_size - 1; /* a zero ends it, for sscanf and strtol */
        ssize_t got = recv(c->fd, c->in + c->in_size, room, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            drop(c);
            return;
        }
        c->in_size += got > 0 ? got : 0;
        c->in[c->in_size] = 0;
        if (got < (ssize_t)room)
            break;
    }
    take_all(c);
}

static void accept_all(int listener) {
    int yes = 1;
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        Connection *c = calloc(1, sizeof *c);
        c->fd = fd;
        c->place = -1;
        c->in_room = 4096;
        c->in = malloc(c->in_room);
        watch(c, EPOLL_CTL_ADD, 0);
    }
}

static void wake_all(void) {
    for (int64_t at = now(); timer_count && timers[0]->due <= at;) {
        Connection *c = timers[0];
        forget_timer(c);
        if (!(c->state == WAITING ? answer(c) : stream_on(c)) || c->state != IDLE)
            continue;
        if (c->closes)
            drop(c);
        else
            take_all(c);
    }
}

static int listen_on(int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (void *)&address, sizeof address) || listen(fd, 4096)) {
        perror("bind");
        exit(1);
    }
    return fd;
}

int main(int count, char **arguments) {
    static const char words[] = "lorem ipsum dolor sit amet ";
    static struct epoll_event events[512];
    if (count != 2)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    script = standard;
    filler = calloc(1, LONGEST_TEXT + 1);
    for (int i = 0; i < LONGEST_TEXT; i++)
        filler[i] = words[i % (sizeof words - 1)];
    int listener = listen_on(atoi(arguments[1]));
    poller = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.ptr = NULL}};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int64_t wait = timer_count ? timers[0]->due - now() : 0;
        wait = wait < 0 ? 0 : wait;
        struct timespec limit = {wait / (1000 * MS), wait % (1000 * MS)};
        int ready = epoll_pwait2(poller, events, sizeof events / sizeof *events, timer_count ? &limit : NULL, NULL);
        for (int i = 0; i < ready; i++) {
            Connection *c = events[i].data.ptr;
            if (!c)
                accept_all(listener);
            else if (events[i].events & (EPOLLERR | EPOLLHUP))
                drop(c);
            else if ((!(events[i].events & EPOLLOUT) || flush(c)) && events[i].events & (EPOLLIN | EPOLLRDHUP))
                read_all(c);
        }
        wake_all();
    }
}
