/* Fake OpenAI-compatible upstream: one thread, epoll, HTTP/1.1 keep-alive. Loopback only.
 *
 *   upstream PORT [defaults]          e.g.  upstream 18080 d0-n20-c0
 *
 * Behaviour is picked per request by "directives" joined with '-', read from
 *   - the path prefix  /m/<directives>/v1/...      or
 *   - the model name   "fake-<directives>"          (model name wins; "fake" alone = defaults)
 *   dN  delay before the first byte, ms       cN  delay between SSE chunks, ms
 *   nN  number of content chunks (SSE)        sN  size of the reply text, bytes
 *   e500 e429 e401 e400 e503 ...  that HTTP error (429 and 503 carry Retry-After: 1)
 *   hang     accept and never answer          cut   close in the middle of the body / stream
 *   garbage  200 with a body that is not JSON / not SSE
 *   nousage  leave the usage out
 * Every SSE content chunk carries "@<CLOCK_MONOTONIC ns> ", so a client on the same machine
 * can tell how long the chunk was on its way.  A plain reply carries the marker PONG-OK.
 * GET /set/<directives> -> new defaults for every later request (a test run's scenario switch).
 * GET /stats -> counters (requests by kind, aborted = client went away before the end).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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

typedef struct {
    int delay, chunks, gap, size, err, hang, cut, garbage, nousage;
} Dir;

enum { IDLE, WAIT, STREAM, HUNG };

typedef struct Conn {
    int fd, state, close_after, heap_i;
    char *in;
    size_t in_len, in_cap;
    char *out;
    size_t out_len, out_off, out_cap;
    int want_out;
    Dir dir;
    int stream, kind, sent;
    int64_t due;
    unsigned long id;
    int usage;
    char model[128];
} Conn;

static int ep;
static Dir defaults = {.delay = 0, .chunks = 20, .gap = 0, .size = 64};
static unsigned long n_chat, n_stream, n_embed, n_models, n_err, n_abort, n_conn, n_chunks, n_other, n_open;
static char *text; /* filler */
#define MAXTEXT (1 << 20)

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* ---- timer heap ---- */
static Conn **heap;
static int hn, hcap;

static void hswap(int a, int b) {
    Conn *t = heap[a];
    heap[a] = heap[b];
    heap[b] = t;
    heap[a]->heap_i = a;
    heap[b]->heap_i = b;
}

static void hup(int i) {
    while (i && heap[(i - 1) / 2]->due > heap[i]->due) {
        hswap(i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void hdown(int i) {
    for (;;) {
        int l = 2 * i + 1, m = i;
        if (l < hn && heap[l]->due < heap[m]->due)
            m = l;
        if (l + 1 < hn && heap[l + 1]->due < heap[m]->due)
            m = l + 1;
        if (m == i)
            return;
        hswap(i, m);
        i = m;
    }
}

static void hpush(Conn *c) {
    if (hn == hcap) {
        hcap = hcap ? hcap * 2 : 256;
        heap = realloc(heap, hcap * sizeof *heap);
    }
    heap[hn] = c;
    c->heap_i = hn++;
    hup(c->heap_i);
}

static void hdel(Conn *c) {
    int i = c->heap_i;
    if (i < 0)
        return;
    hn--;
    if (i != hn) {
        hswap(i, hn);
        hdown(i);
        hup(i);
    }
    c->heap_i = -1;
}

static void parse_dir(const char *s, size_t n, Dir *d) {
    char buf[128];
    if (n > 127)
        n = 127;
    memcpy(buf, s, n);
    buf[n] = 0;
    for (char *save, *t = strtok_r(buf, "-", &save); t; t = strtok_r(NULL, "-", &save)) {
        if (!strcmp(t, "hang"))
            d->hang = 1;
        else if (!strcmp(t, "cut"))
            d->cut = 1;
        else if (!strcmp(t, "garbage"))
            d->garbage = 1;
        else if (!strcmp(t, "nousage"))
            d->nousage = 1;
        else if (t[1] >= '0' && t[1] <= '9') {
            int v = atoi(t + 1);
            switch (t[0]) {
            case 'd':
                d->delay = v;
                break;
            case 'n':
                d->chunks = v;
                break;
            case 'c':
                d->gap = v;
                break;
            case 's':
                d->size = v > MAXTEXT ? MAXTEXT : v;
                break;
            case 'e':
                d->err = v;
                break;
            }
        }
    }
}

static void drop(Conn *c) {
    if (c->state != IDLE)
        n_abort++;
    hdel(c);
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
    n_open--;
}

static void out(Conn *c, const char *s, size_t n) {
    if (c->out_len + n > c->out_cap) {
        c->out_cap = (c->out_len + n) * 2 + 1024;
        c->out = realloc(c->out, c->out_cap);
    }
    memcpy(c->out + c->out_len, s, n);
    c->out_len += n;
}

static int flush(Conn *c) { /* 0 = gone */
    while (c->out_off < c->out_len) {
        ssize_t w = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL);
        if (w < 0) {
            if (errno == EAGAIN) {
                if (!c->want_out) {
                    struct epoll_event e = {EPOLLIN | EPOLLOUT | EPOLLRDHUP, {.ptr = c}};
                    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
                    c->want_out = 1;
                }
                return 1;
            }
            drop(c);
            return 0;
        }
        c->out_off += w;
    }
    c->out_len = c->out_off = 0;
    if (c->want_out) {
        struct epoll_event e = {EPOLLIN | EPOLLRDHUP, {.ptr = c}};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
        c->want_out = 0;
    }
    return 1;
}

static void reply(Conn *c, int code, const char *extra, const char *ctype, const char *body, size_t n) {
    char h[512];
    int k =
        snprintf(h, sizeof h, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s%s\r\n", code,
                 code == 200   ? "OK"
                 : code == 429 ? "Too Many Requests"
                               : "Error",
                 ctype, n, extra, c->close_after ? "Connection: close\r\n" : "");
    out(c, h, k);
    out(c, body, n);
    c->state = IDLE;
}

static void chunk(Conn *c, const char *s, int n) {
    char h[16];
    int k = snprintf(h, sizeof h, "%x\r\n", n);
    out(c, h, k);
    out(c, s, n);
    out(c, "\r\n", 2);
}

static int stream_step(Conn *c) { /* 0 = connection gone */
    Dir *d = &c->dir;
    char b[1024];
    int k;
    for (;;) {
        int64_t t = now_ns();
        if (c->sent < d->chunks) {
            if (d->cut && c->sent >= d->chunks / 2) {
                if (flush(c)) {
                    c->state = IDLE;
                    drop(c);
                }
                return 0;
            }
            if (d->garbage)
                k = snprintf(b, sizeof b, "<<not sse %d>>\x01\xff\n", c->sent);
            else
                k = snprintf(b, sizeof b,
                             "data: "
                             "{\"id\":\"chatcmpl-%012lu\",\"object\":\"chat.completion.chunk\",\"created\":"
                             "1700000000,\"model\":\"%s\",\"choices\":[{\"index\":0,\"delta\":{%s\"content\":"
                             "\"@%lld \"},\"finish_reason\":null}]}\n\n",
                             c->id, c->model, c->sent ? "" : "\"role\":\"assistant\",", (long long)t);
            chunk(c, b, k);
            c->sent++;
            n_chunks++;
            if (!flush(c))
                return 0;
            if (d->gap && c->sent < d->chunks) {
                c->due = t + d->gap * 1000000LL;
                hpush(c);
                return 1;
            }
            continue;
        }
        k = snprintf(
            b, sizeof b,
            "data: "
            "{\"id\":\"chatcmpl-%012lu\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
            "\"model\":\"%s\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
            c->id, c->model);
        chunk(c, b, k);
        if (!d->nousage && c->usage) {
            k = snprintf(b, sizeof b,
                         "data: "
                         "{\"id\":\"chatcmpl-%012lu\",\"object\":\"chat.completion.chunk\",\"created\":"
                         "1700000000,\"model\":\"%s\",\"choices\":[],\"usage\":{\"prompt_tokens\":12,"
                         "\"completion_tokens\":%d,\"total_tokens\":%d}}\n\n",
                         c->id, c->model, d->chunks, d->chunks + 12);
            chunk(c, b, k);
        }
        chunk(c, "data: [DONE]\n\n", 14);
        out(c, "0\r\n\r\n", 5);
        c->state = IDLE;
        return flush(c);
    }
}

static int answer(Conn *c) {
    Dir *d = &c->dir;
    static char body[MAXTEXT + 2048];
    int k;
    if (d->err) {
        n_err++;
        k = snprintf(body, 1024,
                     "{\"error\":{\"message\":\"fake upstream error "
                     "%d\",\"type\":\"%s\",\"param\":null,\"code\":\"%s\"}}",
                     d->err,
                     d->err == 429  ? "rate_limit_error"
                     : d->err < 500 ? "invalid_request_error"
                                    : "server_error",
                     d->err == 429 ? "rate_limit_exceeded" : "fake");
        reply(c, d->err, d->err == 429 || d->err == 503 ? "Retry-After: 1\r\n" : "", "application/json", body,
              k);
    } else if (c->stream) {
        const char *h = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: "
                        "no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
        out(c, h, strlen(h));
        c->state = STREAM;
        c->sent = 0;
        return stream_step(c);
    } else if (d->garbage)
        reply(c, 200, "", "application/json", "<html>not json \x01</html>", 23);
    else if (c->kind == 'e') {
        k = snprintf(body, 256,
                     "{\"object\":\"list\",\"model\":\"%s\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
                     "\"embedding\":[",
                     c->model);
        for (int i = 0; i < 256; i++)
            k += snprintf(body + k, 32, "%s0.%04d", i ? "," : "", (i * 37 + 11) % 10000);
        k += snprintf(body + k, 128, "]}],\"usage\":{\"prompt_tokens\":12,\"total_tokens\":12}}");
        reply(c, 200, "", "application/json", body, k);
    } else {
        k = snprintf(
            body, sizeof body,
            "{\"id\":\"chatcmpl-%012lu\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"%"
            "s\",\"system_fingerprint\":\"fp_fake\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
            "\"assistant\",\"content\":\"PONG-OK %.*s\"},\"logprobs\":null,\"finish_reason\":\"stop\"}]",
            c->id, c->model, d->size, text);
        if (!d->nousage)
            k += snprintf(body + k, 256,
                          ",\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":%d,\"total_tokens\":%d}",
                          d->size / 4 + 2, d->size / 4 + 14);
        body[k++] = '}';
        if (d->cut) {
            char h[256];
            int n = snprintf(
                h, sizeof h,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", k);
            out(c, h, n);
            out(c, body, k / 2);
            if (flush(c)) {
                c->state = IDLE;
                drop(c);
            }
            return 0;
        }
        reply(c, 200, "x-upstream: fake\r\n", "application/json", body, k);
    }
    return flush(c);
}

/* find "key" then : then value start */
static const char *jfind(const char *b, size_t n, const char *key) {
    const char *p = memmem(b, n, key, strlen(key));
    if (!p)
        return NULL;
    p += strlen(key);
    const char *e = b + n;
    while (p < e && strchr(" :\n\t", *p))
        p++;
    return p < e ? p : NULL;
}

static int handle(Conn *c, const char *method, const char *path, size_t plen, const char *body, size_t blen) {
    Dir d = defaults;
    c->stream = 0;
    c->kind = 'c';
    c->id = ++n_conn;
    strcpy(c->model, "fake");
    if (plen > 3 && !strncmp(path, "/m/", 3)) {
        const char *e = memchr(path + 3, '/', plen - 3);
        if (e) {
            parse_dir(path + 3, e - path - 3, &d);
            plen -= e - path;
            path = e;
        }
    }
    const char *q = memchr(path, '?', plen);
    if (q)
        plen = q - path;
#define IS(s) (plen == strlen(s) && !memcmp(path, s, plen))
#define ENDS(s) (plen >= strlen(s) && !memcmp(path + plen - strlen(s), s, strlen(s)))
    if (*method == 'P' && (ENDS("/chat/completions") || ENDS("/embeddings"))) {
        if (ENDS("/embeddings")) {
            c->kind = 'e';
            n_embed++;
        } else
            n_chat++;
        const char *p = jfind(body, blen, "\"model\"");
        if (p && *p == '"') {
            p++;
            const char *e = memchr(p, '"', body + blen - p);
            if (e) {
                size_t n = e - p;
                if (n > 100)
                    n = 100;
                memcpy(c->model, p, n);
                c->model[n] = 0;
                if (!strncmp(c->model, "fake-", 5))
                    parse_dir(c->model + 5, n - 5, &d);
            }
        }
        if (c->kind == 'c') {
            p = jfind(body, blen, "\"stream\"");
            if (p && *p == 't') {
                c->stream = 1;
                n_stream++;
            }
            p = jfind(body, blen, "\"include_usage\"");
            c->usage = !p || *p == 't';
        }
        c->dir = d;
        c->state = WAIT;
        if (d.hang) {
            c->state = HUNG;
            return 1;
        }
        if (d.delay) {
            c->due = now_ns() + d.delay * 1000000LL;
            hpush(c);
            return 1;
        }
        return answer(c);
    }
    char b[1024];
    int k;
    if (ENDS("/models")) {
        n_models++;
        k = snprintf(b, sizeof b,
                     "{\"object\":\"list\",\"data\":[{\"id\":\"fake\",\"object\":\"model\",\"created\":"
                     "1700000000,\"owned_by\":\"bench\"}]}");
        reply(c, 200, "", "application/json", b, k);
    } else if (IS("/stats")) {
        k = snprintf(b, sizeof b,
                     "{\"chat\":%lu,\"stream\":%lu,\"embeddings\":%lu,\"models\":%lu,\"errors\":%lu,"
                     "\"aborted\":%lu,\"chunks\":%lu,\"other\":%lu,\"open\":%lu}",
                     n_chat, n_stream, n_embed, n_models, n_err, n_abort, n_chunks, n_other, n_open);
        reply(c, 200, "", "application/json", b, k);
    } else if (plen > 5 && !strncmp(path, "/set/", 5)) {
        Dir z = {.chunks = 20, .size = 64};
        defaults = z;
        parse_dir(path + 5, plen - 5, &defaults);
        reply(c, 200, "", "application/json", "{}", 2);
    } else if (IS("/health") || IS("/healthz") || IS("/") || IS("/version")) {
        n_other++;
        reply(c, 200, "", "application/json", "{\"status\":\"ok\"}", 15);
    } else {
        n_other++;
        reply(c, 404, "", "application/json", "{\"error\":{\"message\":\"no such path\"}}", 36);
    }
    return flush(c);
}

/* parse as many requests as are complete; one in work at a time per connection */
static void consume(Conn *c) {
    while (c->state == IDLE && c->in_len) {
        char *he = memmem(c->in, c->in_len, "\r\n\r\n", 4);
        if (!he)
            return;
        size_t hl = he - c->in + 4, total;
        char *sp = memchr(c->in, ' ', hl);
        if (!sp) {
            drop(c);
            return;
        }
        char *path = sp + 1, *pe = memchr(path, ' ', he - path);
        if (!pe) {
            drop(c);
            return;
        }
        long cl = 0;
        int chunked = 0, close_after = 0;
        for (char *l = memchr(c->in, '\n', hl); l && l + 1 < he; l = memchr(l + 1, '\n', he - l)) {
            l++;
            if (!strncasecmp(l, "content-length:", 15))
                cl = atol(l + 15);
            else if (!strncasecmp(l, "transfer-encoding:", 18))
                chunked = 1;
            else if (!strncasecmp(l, "connection: close", 17))
                close_after = 1;
            else if (!strncasecmp(l, "expect: 100-continue", 20) && c->in_len == hl) {
                out(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
                if (!flush(c))
                    return;
            }
            l--;
        }
        char *body = c->in + hl;
        size_t blen = cl;
        if (chunked) { /* de-chunk in place, only when all is here */
            char *p = body, *w = NULL, *end = c->in + c->in_len;
            int done = 0;
            while (p < end) {
                char *nl = memmem(p, end - p, "\r\n", 2);
                if (!nl)
                    break;
                long n = strtol(p, NULL, 16);
                if (nl + 2 + n + 2 > end)
                    break;
                p = nl + 2 + n + 2;
                if (!n) {
                    done = 1;
                    break;
                }
            }
            if (!done)
                return;
            total = p - c->in;
            p = body;
            w = body;
            for (;;) {
                char *nl = memmem(p, end - p, "\r\n", 2);
                long n = strtol(p, NULL, 16);
                if (!n)
                    break;
                memmove(w, nl + 2, n);
                w += n;
                p = nl + 2 + n + 2;
            }
            blen = w - body;
        } else {
            total = hl + cl;
            if (c->in_len < total)
                return;
        }
        c->close_after = close_after;
        if (!handle(c, c->in, path, pe - path, body, blen))
            return;
        memmove(c->in, c->in + total, c->in_len - total);
        c->in_len -= total;
        if (c->state == IDLE && c->close_after) {
            drop(c);
            return;
        }
    }
}

int main(int argc, char **argv) {
    int port = argc > 1 ? atoi(argv[1]) : 18080;
    if (argc > 2)
        parse_dir(argv[2], strlen(argv[2]), &defaults);
    signal(SIGPIPE, SIG_IGN);
    text = malloc(MAXTEXT + 1);
    for (int i = 0; i < MAXTEXT; i++)
        text[i] = "lorem ipsum dolor sit amet "[i % 27];
    text[MAXTEXT] = 0;
    int ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(ls, (void *)&a, sizeof a) || listen(ls, 4096)) {
        perror("bind");
        return 1;
    }
    ep = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN, {.ptr = NULL}};
    epoll_ctl(ep, EPOLL_CTL_ADD, ls, &ev);
    static struct epoll_event evs[512];
    for (;;) {
        struct timespec ts, *tp = NULL;
        if (hn) {
            int64_t d = heap[0]->due - now_ns();
            if (d < 0)
                d = 0;
            ts.tv_sec = d / 1000000000;
            ts.tv_nsec = d % 1000000000;
            tp = &ts;
        }
        int n = epoll_pwait2(ep, evs, 512, tp, NULL);
        for (int i = 0; i < n; i++) {
            Conn *c = evs[i].data.ptr;
            if (!c) {
                for (;;) {
                    int fd = accept4(ls, NULL, NULL, SOCK_NONBLOCK);
                    if (fd < 0)
                        break;
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    c = calloc(1, sizeof *c);
                    c->fd = fd;
                    c->heap_i = -1;
                    c->in_cap = 4096;
                    c->in = malloc(c->in_cap);
                    n_open++;
                    struct epoll_event e = {EPOLLIN | EPOLLRDHUP, {.ptr = c}};
                    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
                }
                continue;
            }
            if (evs[i].events & (EPOLLERR | EPOLLHUP)) {
                drop(c);
                continue;
            }
            if (evs[i].events & EPOLLOUT) {
                if (!flush(c))
                    continue;
            }
            if (evs[i].events & (EPOLLIN | EPOLLRDHUP)) {
                int gone = 0;
                for (;;) {
                    if (c->in_len == c->in_cap) {
                        c->in_cap *= 2;
                        c->in = realloc(c->in, c->in_cap);
                    }
                    size_t room = c->in_cap - c->in_len;
                    ssize_t r = recv(c->fd, c->in + c->in_len, room, 0);
                    if (r > 0) {
                        c->in_len += r;
                        if ((size_t)r < room)
                            break;
                        continue;
                    }
                    if (r == 0 || errno != EAGAIN)
                        gone = 1;
                    break;
                }
                if (gone) {
                    drop(c);
                    continue;
                }
                consume(c);
            }
        }
        int64_t t = now_ns();
        while (hn && heap[0]->due <= t) {
            Conn *c = heap[0];
            hdel(c);
            if (c->state == WAIT ? answer(c) : stream_step(c)) {
                if (c->state == IDLE) {
                    if (c->close_after)
                        drop(c);
                    else
                        consume(c);
                }
            }
        }
    }
}
