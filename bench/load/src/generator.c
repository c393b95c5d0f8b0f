/* Load generator: one thread, epoll, HTTP/1.1 keep-alive, to 127.0.0.1 only.
 *
 *  closed loop : -c CONNS                       each connection sends its next request when its last is
 * answered open loop   : -r RATE (per second) -c MAX    requests are due on a fixed schedule; latency counts
 * from the moment a request was DUE, also while it waits for a free connection (coordinated-omission safe)
 *  streams     : -s    counts SSE content chunks, time to first content chunk, and each chunk's time on its
 * way from the "@<CLOCK_MONOTONIC ns> " stamp that the fake upstream puts in its text -p PORT -u PATH -H 'K:
 * V' -b BODYFILE (@@SEQ@@ in it becomes a 12-digit number, new for each request) -d SECONDS -w WARMUP_SECONDS
 * -n MAX_REQUESTS -t TIMEOUT_MS -x EXPECT (text every good answer holds) Prints one JSON object.  Latencies
 * in microseconds.
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

typedef struct {
    uint32_t *v;
    size_t n, cap;
} Vec;

static void vadd(Vec *a, int64_t ns) {
    if (a->n == a->cap) {
        a->cap = a->cap ? a->cap * 2 : 1 << 16;
        a->v = realloc(a->v, a->cap * 4);
    }
    int64_t us10 = ns / 100;
    a->v[a->n++] = us10 < 0 ? 0 : us10 > UINT32_MAX ? UINT32_MAX : us10;
} /* 0.1 us units */

static int cmp(const void *a, const void *b) {
    uint32_t x = *(uint32_t *)a, y = *(uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void pr(const char *name, Vec *a) {
    qsort(a->v, a->n, 4, cmp);
    double s = 0;
    for (size_t i = 0; i < a->n; i++)
        s += a->v[i];
#define P(q) (a->n ? a->v[(size_t)((a->n - 1) * (q))] / 10.0 : 0)
    printf(",\"%s\":{\"n\":%zu,\"mean\":%.1f,\"min\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%."
           "1f,\"max\":%.1f}",
           name, a->n, a->n ? s / a->n / 10 : 0, P(0.0), P(.5), P(.9), P(.99), P(.999), P(1.0));
}

typedef struct {
    int fd, busy, up, hdr_done, status, chunked, close_conn;
    long clen;
    size_t body_got;
    int64_t due, sent;
    int64_t first, lastchunk;
    int nchunk, saw_done, stampstate, ended;
    uint64_t stamp;
    int ck_state;
    long ck_left;
    int dm;
    int xm;
    int ok;
    char hdr[16384];
    size_t hl;
    char *out;
    size_t ol, oo;
} C;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int port = 8080, conns = 1, stream, timeout_ms = 30000;
static double rate, dur = 5, warm = 0;
static long maxn = 2000000;
static const char *path = "/v1/chat/completions", *expect = NULL;
static char *body;
static size_t bl;

/* one request a line of the body file, sent in turn; @@SEQ@@ becomes twelve letters that differ each time */
typedef struct {
    char *p;
    size_t n, off[16];
    int nseq;
} Req;

static Req *reqs;
static size_t nreq, maxreq;
static int ep;
static C *cs;
static Vec lat, ttfb, fly, gap;
static long started, done, good, e_conn, e_status, e_body, e_timeout, e_reset, nchunks, warmdone;
static int status_seen[600];
static int64_t t_begin, t_meas, t_end, last_done;
static unsigned long seq;
static uint64_t bytes, winbytes;
static long winchunks;

static void mod(C *c, int wr) {
    struct epoll_event e = {EPOLLIN | EPOLLRDHUP | (wr ? EPOLLOUT : 0), {.ptr = c}};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}

static int copen(C *c) {
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(c->fd, (void *)&a, sizeof a)) {
        close(c->fd);
        c->fd = -1;
        e_conn++;
        return 0;
    }
    struct epoll_event e = {EPOLLIN | EPOLLRDHUP, {.ptr = c}};
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
    c->up = 1;
    return 1;
}

static void cclose(C *c) {
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->up = 0;
}

static void pump(C *c) {
    while (c->oo < c->ol) {
        ssize_t w = send(c->fd, c->out + c->oo, c->ol - c->oo, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (w < 0) {
            if (errno == EAGAIN)
                mod(c, 1);
            return;
        }
        c->oo += w;
    }
}

static void fire(C *c, int64_t due) {
    if (!c->up && !copen(c)) {
        done++;
        return;
    }
    c->busy = 1;
    c->hdr_done = c->status = c->chunked = c->close_conn = c->nchunk = c->saw_done = c->stampstate =
        c->ended = c->ck_state = c->dm = c->xm = c->ok = 0;
    c->clen = -1;
    c->body_got = c->hl = 0;
    c->first = c->lastchunk = 0;
    c->ck_left = 0;
    seq++;
    Req *r = &reqs[seq % nreq];
    memcpy(c->out, r->p, r->n);
    for (int i = 0; i < r->nseq; i++) {
        char b[16];
        snprintf(b, sizeof b, "%012lu", seq % 1000000000000UL);
        for (int j = 0; j < 12; j++)
            b[j] += 'a' - '0';
        memcpy(c->out + r->off[i], b, 12);
    }
    c->ol = r->n;
    c->oo = 0;
    c->due = due;
    started++;
    c->sent = now_ns();
    pump(c);
}

/* open loop: by due time; closed loop: what completes inside the window */
#define INWIN(c, t) (rate > 0 ? (c)->due >= t_meas : (t) >= t_meas && (t) <= t_end)

static void finish(C *c, int64_t t) {
    c->busy = 0;
    done++;
    last_done = t;
    int m = INWIN(c, t);
    if (c->status >= 0 && c->status < 600)
        status_seen[c->status]++;
    if (c->status != 200)
        e_status++;
    else if (!c->ok && expect && !stream)
        e_body++;
    else if (stream && (!c->saw_done || !c->nchunk))
        e_body++;
    else if (m) {
        good++;
        vadd(&lat, t - c->due);
        if (c->first)
            vadd(&ttfb, c->first - c->due);
        nchunks += c->nchunk;
    }
    if (!m)
        warmdone++;
    if (c->close_conn)
        cclose(c);
}

static void body_bytes(C *c, const char *p, size_t n, int64_t t) {
    c->body_got += n;
    bytes += n;
    int m = INWIN(c, t);
    if (m && stream)
        winbytes += n;
    static const char D[] = "[DONE]";
    size_t xl = expect ? strlen(expect) : 0;
    if (!stream) {
        if (!expect) {
            c->ok = 1;
            return;
        }
        for (size_t i = 0; i < n && !c->ok; i++) {
            if (p[i] == expect[c->xm]) {
                if (++c->xm == (int)xl)
                    c->ok = 1;
            } else
                c->xm = p[i] == expect[0];
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        char ch = p[i];
        if (ch == D[c->dm]) {
            if (++c->dm == 6) {
                c->saw_done = 1;
                c->dm = 0;
            }
        } else
            c->dm = ch == '[';
        if (ch == '@') {
            c->stampstate = 1;
            c->stamp = 0;
        } else if (c->stampstate) {
            if (ch >= '0' && ch <= '9') {
                c->stamp = c->stamp * 10 + (ch - '0');
                c->stampstate++;
            } else {
                if (c->stampstate > 10) {
                    c->nchunk++;
                    if (!c->first)
                        c->first = t;
                    else if (m)
                        vadd(&gap, t - c->lastchunk);
                    c->lastchunk = t;
                    if (m) {
                        vadd(&fly, t - (int64_t)c->stamp);
                        winchunks++;
                    }
                }
                c->stampstate = 0;
            }
        }
    }
}

static void feed(C *c, char *p, size_t n, int64_t t) {
    if (!c->hdr_done) {
        if (c->hl + n > sizeof c->hdr)
            n = sizeof c->hdr - c->hl;
        memcpy(c->hdr + c->hl, p, n);
        c->hl += n;
        char *e = memmem(c->hdr, c->hl, "\r\n\r\n", 4);
        if (!e)
            return;
        c->status = atoi(c->hdr + 9);
        if (c->status == 100) {
            size_t k = e + 4 - c->hdr;
            memmove(c->hdr, e + 4, c->hl - k);
            c->hl -= k;
            return;
        }
        for (char *l = strstr(c->hdr, "\r\n"); l && l < e; l = memmem(l + 2, e - l, "\r\n", 2)) {
            l += 2;
            if (!strncasecmp(l, "content-length:", 15))
                c->clen = atol(l + 15);
            else if (!strncasecmp(l, "transfer-encoding: chunked", 26))
                c->chunked = 1;
            else if (!strncasecmp(l, "connection: close", 17))
                c->close_conn = 1;
            l -= 2;
        }
        c->hdr_done = 1;
        size_t k = e + 4 - c->hdr;
        p = c->hdr + k;
        n = c->hl - k;
        if (!c->chunked && c->clen == 0) {
            finish(c, t);
            return;
        }
    }
    if (!c->chunked) {
        body_bytes(c, p, n, t);
        if (c->clen >= 0 && (long)c->body_got >= c->clen)
            finish(c, t);
        return;
    }
    while (n)
        switch (c->ck_state) {
        case 0: {
            char ch = *p++;
            n--;
            if (ch == '\n') {
                c->ck_state = c->ck_left ? 1 : 3;
            } else if (ch == '\r' || c->ck_state == 9)
                ;
            else {
                int v = ch >= '0' && ch <= '9'                 ? ch - '0'
                        : (ch | 32) >= 'a' && (ch | 32) <= 'f' ? (ch | 32) - 'a' + 10
                                                               : -1;
                if (v >= 0)
                    c->ck_left = c->ck_left * 16 + v;
            }
            break;
        }
        case 1: {
            size_t k = (size_t)c->ck_left < n ? (size_t)c->ck_left : n;
            body_bytes(c, p, k, t);
            p += k;
            n -= k;
            c->ck_left -= k;
            if (!c->ck_left)
                c->ck_state = 2;
            break;
        }
        case 2: {
            char ch = *p++;
            n--;
            if (ch == '\n') {
                c->ck_state = 0;
                c->ck_left = 0;
            }
            break;
        }
        case 3: {
            char ch = *p++;
            n--;
            if (ch == '\n') {
                finish(c, t);
                return;
            }
            break;
        }
        }
}

static void fail(C *c, long *which) {
    (*which)++;
    done++;
    c->busy = 0;
    cclose(c);
}

int main(int argc, char **argv) {
    int o;
    static char hdrs[8192];
    const char *bf = NULL;
    signal(SIGPIPE, SIG_IGN);
    while ((o = getopt(argc, argv, "p:u:H:b:c:r:d:w:n:t:x:s")) != -1)
        switch (o) {
        case 'p':
            port = atoi(optarg);
            break;
        case 'u':
            path = optarg;
            break;
        case 'H':
            strcat(strcat(hdrs, optarg), "\r\n");
            break;
        case 'b':
            bf = optarg;
            break;
        case 'c':
            conns = atoi(optarg);
            break;
        case 'r':
            rate = atof(optarg);
            break;
        case 'd':
            dur = atof(optarg);
            break;
        case 'w':
            warm = atof(optarg);
            break;
        case 'n':
            maxn = atol(optarg);
            break;
        case 't':
            timeout_ms = atoi(optarg);
            break;
        case 'x':
            expect = optarg;
            break;
        case 's':
            stream = 1;
            break;
        default:
            return 2;
        }
    FILE *f = bf ? fopen(bf, "rb") : NULL;
    if (!f) {
        fprintf(stderr, "no body file\n");
        return 2;
    }
    body = malloc(8 << 20);
    bl = fread(body, 1, (8 << 20) - 1, f);
    body[bl] = 0;
    for (char *line = body, *end; *line; line = end) {
        end = strchr(line, '\n');
        size_t len = end ? (size_t)(end - line) : strlen(line);
        end = end ? end + 1 : line + len;
        if (!len)
            continue;
        if (!(nreq & (nreq + 1)))
            reqs = realloc(reqs, 2 * (nreq + 1) * sizeof *reqs);
        Req *r = &reqs[nreq++];
        r->nseq = 0;
        char *b2 = malloc(len * 2 + 64);
        size_t n2 = 0;
        for (size_t i = 0; i < len;) {
            if (!strncmp(line + i, "@@SEQ@@", 7) && r->nseq < 16) {
                r->off[r->nseq++] = n2;
                memset(b2 + n2, 'a', 12);
                n2 += 12;
                i += 7;
            } else
                b2[n2++] = line[i++];
        }
        r->p = malloc(n2 + 16384);
        int k = sprintf(r->p,
                        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nAccept: "
                        "*/*\r\n%sContent-Length: %zu\r\n\r\n",
                        path, port, hdrs, n2);
        memcpy(r->p + k, b2, n2);
        r->n = k + n2;
        for (int i = 0; i < r->nseq; i++)
            r->off[i] += k;
        if (r->n > maxreq)
            maxreq = r->n;
        free(b2);
    }
    if (!nreq) {
        fprintf(stderr, "empty body file\n");
        return 2;
    }
    ep = epoll_create1(0);
    cs = calloc(conns, sizeof *cs);
    for (int i = 0; i < conns; i++) {
        cs[i].fd = -1;
        cs[i].out = malloc(maxreq);
    }
    struct timespec rt;
    clock_gettime(CLOCK_REALTIME, &rt);
    seq = (unsigned long)(rt.tv_sec % 100000) * 1000000UL;
    t_begin = now_ns();
    t_meas = t_begin + warm * 1e9;
    t_end = t_meas + dur * 1e9;
    int64_t grace = t_end + (int64_t)timeout_ms * 1000000;
    double per = rate > 0 ? 1e9 / rate : 0;
    long due_i = 0;
    static struct epoll_event evs[1024];
    static char buf[1 << 17];
    int64_t last_sweep = t_begin;
    int *freel = malloc(conns * sizeof *freel), nf = 0;
    for (int i = conns - 1; i >= 0; i--)
        freel[nf++] = i;
    for (;;) {
        int64_t t = now_ns();
        int open_for_new = t < t_end && started + e_conn < maxn;
        if (open_for_new)
            while (nf) {
                int64_t due;
                if (rate > 0) {
                    due = t_begin + (int64_t)(due_i * per);
                    if (due > t || due >= t_end)
                        break;
                    due_i++;
                } else
                    due = t;
                C *c = &cs[freel[--nf]];
                fire(c, due);
                if (!c->busy) {
                    freel[nf++] = c - cs;
                    if (e_conn > 1000)
                        goto out;
                    break;
                }
                if (rate <= 0)
                    t = now_ns();
                if (started >= maxn)
                    break;
            }
        /* open loop: requests due before the end but not yet sent still count: keep sending them */
        else if (rate > 0)
            while (nf && t < grace) {
                int64_t due = t_begin + (int64_t)(due_i * per);
                if (due >= t_end || started >= maxn)
                    break;
                due_i++;
                C *c = &cs[freel[--nf]];
                fire(c, due);
                if (!c->busy) {
                    freel[nf++] = c - cs;
                    break;
                }
            }
        int more = rate > 0 ? (t_begin + (int64_t)(due_i * per) < t_end && started < maxn) : open_for_new;
        if ((!more && nf == conns) || t > grace)
            break;
        int64_t wait = 50000000;
        if (rate > 0 && nf && more) {
            wait = t_begin + (int64_t)(due_i * per) - now_ns();
            if (wait < 0)
                wait = 0;
            if (wait > 50000000)
                wait = 50000000;
        }
        struct timespec ts = {0, wait};
        int n = epoll_pwait2(ep, evs, 1024, &ts, NULL);
        t = now_ns();
        for (int i = 0; i < n; i++) {
            C *c = evs[i].data.ptr;
            if (evs[i].events & EPOLLOUT) {
                mod(c, 0);
                pump(c);
            }
            if (!(evs[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)))
                continue;
            int wasbusy = c->busy;
            ssize_t r = recv(c->fd, buf, sizeof buf, MSG_DONTWAIT);
            if (r > 0) {
                if (c->busy)
                    feed(c, buf, r, now_ns());
            } else if (r == 0 || errno != EAGAIN) {
                if (c->busy && c->hdr_done && !c->chunked && c->clen < 0 && r == 0) {
                    c->close_conn = 1;
                    finish(c, t);
                } else if (c->busy)
                    fail(c, &e_reset);
                else
                    cclose(c);
            }
            if (wasbusy && !c->busy)
                freel[nf++] = c - cs;
        }
        if (t - last_sweep > 200000000) {
            last_sweep = t;
            for (int i = 0; i < conns; i++)
                if (cs[i].busy && t - cs[i].sent > timeout_ms * 1000000LL) {
                    fail(&cs[i], &e_timeout);
                    freel[nf++] = i;
                }
        }
    }
out:;
    long unsent = 0;
    if (rate > 0) {
        long tot = (long)((t_end - t_begin) / per);
        unsent = tot - due_i;
        if (unsent < 0 || started >= maxn)
            unsent = 0;
    }
    int inflight = 0;
    for (int i = 0; i < conns; i++)
        inflight += cs[i].busy;
    double span = rate > 0 ? (last_done - t_meas) / 1e9 : dur;
    if (span <= 0)
        span = 1e-9;
    long in_window = good;
    nchunks = winchunks;
    printf("{\"good\":%ld,\"started\":%ld,\"done\":%ld,\"seconds\":%.3f,\"rps\":%.1f,\"chunks\":%ld,\"chunks_"
           "s\":%.1f,\"bytes\":%lu,\"errors\":{\"connect\":%ld,\"status\":%ld,\"body\":%ld,\"timeout\":%ld,"
           "\"reset\":%ld,\"unsent\":%ld,\"inflight\":%d}",
           good, started, done, span, in_window / span, nchunks, nchunks / span, (unsigned long)bytes, e_conn,
           e_status, e_body, e_timeout, e_reset, unsent, inflight);
    printf(",\"status\":{");
    int first = 1;
    for (int i = 0; i < 600; i++)
        if (status_seen[i]) {
            printf("%s\"%d\":%d", first ? "" : ",", i, status_seen[i]);
            first = 0;
        }
    printf("}");
    pr("lat", &lat);
    if (stream) {
        pr("ttfb", &ttfb);
        pr("fly", &fly);
        pr("gap", &gap);
    }
    printf("}\n");
    return 0;
}
