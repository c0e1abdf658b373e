/* SPDX-License-Identifier: MIT */
/*
 * The key log (NSS format) for debugging with packet analysers: SSLKEYLOGFILE names it. Ignored in
 * privileged processes; the file must be a regular one of our own that only we can read.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctx/internal.h"

#ifndef SCHANNEL_NO_KEYLOG

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct tls_env env;
static int log_fd = -1;

static void write_line(void *arg, const char *label, const uint8_t client_random[32],
                       struct span secret);

static void open_log(void)
{
    env = tls_env_system;
    const char *path = secure_getenv("SSLKEYLOGFILE");
    if (path == NULL || path[0] == 0)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    struct stat info;
    if (fd < 0)
        return;
    bool is_ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
                   (info.st_mode & 0077) == 0;
    if (!is_ours) {
        close(fd);
        return;
    }
    log_fd = fd;
    env.secret = write_line;
}

static void put_hex(struct buf *b, struct span bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.n; i++) {
        wr_u8(b, (uint8_t)digits[bytes.p[i] >> 4]);
        wr_u8(b, (uint8_t)digits[bytes.p[i] & 15]);
    }
}

/* One write for a line, so that lines of several threads and processes do not mix. */
static void write_line(void *arg, const char *label, const uint8_t client_random[32],
                       struct span secret)
{
    struct buf line;
    (void)arg;
    buf_init(&line, 512);
    wr_bytes(&line, span_text(label));
    wr_u8(&line, ' ');
    put_hex(&line, span_of(client_random, 32));
    wr_u8(&line, ' ');
    put_hex(&line, secret);
    wr_u8(&line, '\n');
    if (buf_check(&line) == OK && write(log_fd, line.p, line.n) < 0) {
        /* A full disk must not end connections. */
    }
    buf_release(&line);
}

const struct tls_env *ctx_env(void)
{
    pthread_once(&once, open_log);
    return &env;
}

#else

const struct tls_env *ctx_env(void)
{
    return &tls_env_system;
}

#endif
