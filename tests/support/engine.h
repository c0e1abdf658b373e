/* SPDX-License-Identifier: MIT */
/*
 * One end of a connection on the engine's façade, over memory: everything the engine waits for is
 * answered, randomness and key shares come from a seed, and traffic secrets are kept. A broken
 * precondition aborts, so that fuzz targets may use it, too.
 */
#ifndef SCHANNEL_TESTS_ENGINE_H
#define SCHANNEL_TESTS_ENGINE_H

#include "crypto/crypto.h"
#include "tls/tls.h"
#include "util/util.h"

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- identities ------------------------------------------------------------------------ */

enum engine_key { ENGINE_P256, ENGINE_P384, ENGINE_RSA, ENGINE_ED25519, ENGINE_KEY_COUNT };

struct engine_identity {
    struct private_key *key;
    struct buf certificate; /* DER, self-signed */
    struct buf list12;
    struct buf list13;
    struct tls_credential credential;
};

/* Made at first use. The Ed25519 key and its certificate are the same in every run. */
const struct engine_identity *engine_identity(enum engine_key kind);
void engine_identities_free(void);

/* ---- engines --------------------------------------------------------------------------- */

enum engine_secret {
    ENGINE_CLIENT_HANDSHAKE,
    ENGINE_SERVER_HANDSHAKE,
    ENGINE_CLIENT_APPLICATION,
    ENGINE_SERVER_APPLICATION,
    ENGINE_EXPORTER,
    ENGINE_MASTER12,
    ENGINE_SECRET_COUNT
};

struct engine_options {
    struct tls_config config;
    const struct engine_identity *identity; /* NULL: none is presented */
    struct span server_name;
    struct span alpn;   /* client: list; server: the id it chooses when it was offered */
    bool alpn_mismatch; /* server: refuses */
    bool request_certificate;
    bool require_certificate;
    bool hides_key;         /* answers TLS_WAIT_KEY with no key */
    bool forces_credential; /* presents its certificate although it does not fit */
    err verdict;
    uint64_t seed;
    uint32_t event_count;
};

struct engine {
    struct tls *t;
    struct tls_config config;
    struct tls_env env;
    struct engine_options options;
    uint64_t random_state;
    struct buf in;   /* arrived, not consumed */
    struct buf out;  /* to be sent */
    struct buf data; /* application data received */
    err result;      /* of the last call */
    struct tls_progress progress;
    bool is_done;
    bool is_closed;
    bool has_half; /* of a message after the handshake */
    struct secret secrets[ENGINE_SECRET_COUNT];
    uint8_t client_random[32]; /* as reported with a secret */
};

/* All suites, the default groups and all schemes. */
struct tls_config engine_config(bool is_server, bool tls12, bool tls13);
/* The engine keeps a copy of the configuration; *e must not move. */
void engine_open(struct engine *e, const struct engine_options *options);
void engine_close(struct engine *e);

/* Goes on until more input is needed, the handshake is over, or it failed; output is taken. */
err engine_step(struct engine *e);
/* The same for an established connection: opens records, and steps where tls_open says so. */
err engine_read(struct engine *e);
/* Whichever of the two fits. */
err engine_go(struct engine *e);
/* Output that waits inside is appended to e->out. */
void engine_take_output(struct engine *e);
/* One record of application data, appended to e->out. */
err engine_write(struct engine *e, struct span data);
/* Moves all output of `from` into the input of `to`. */
void engine_deliver(struct engine *from, struct engine *to);
/* Handshake of two engines in memory; true when both are done. */
bool engine_handshake(struct engine *client, struct engine *server);

#endif
