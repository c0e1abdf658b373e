/* SPDX-License-Identifier: MIT */
#include "wire.h"

enum { WIRE_BUFFER_MAX = 1 << 20, HEADER_LEN = 4, RANDOM_AT = 6, ROUNDS_MAX = 12 };

static bool has(const struct wire *w, enum wire_option option)
{
    return (w->row->options & (unsigned)option) != 0;
}

/* ---- keys and transcript --------------------------------------------------------------- */

static void note_hello(struct wire *w, struct span message, enum unit_kind kind)
{
    if (kind == CLIENT_HELLO && w->first_hello_len == 0) {
        w->first_hello_len = message.n;
        if (message.n > 38 + 1 && message.p[38] <= 32 && message.n > 39u + message.p[38]) {
            w->session_id_len = message.p[38];
            memcpy(w->session_id, message.p + 39, w->session_id_len);
        }
    }
    if (kind == HELLO_RETRY)
        w->was_retried = true;
    if (kind == CERTIFICATE_REQUEST)
        w->requested = true;
    if (kind == SERVER_HELLO && message.n >= RANDOM_AT + 32 && !w->has_server_random) {
        w->has_server_random = true;
        memcpy(w->to_subject.server_random, message.p + RANDOM_AT, 32);
        memcpy(w->of_subject.lane.server_random, message.p + RANDOM_AT, 32);
        if (w->is_server)
            memcpy(w->of_peer.lane.server_random, message.p + RANDOM_AT, 32);
    }
}

static bool is_retry(struct span message)
{
    return message.n > 10 && message.p[0] == SERVER_HELLO && load_u16(message.p + 6) == 0xCF21;
}

void wire_note(struct wire *w, struct span message)
{
    if (message.p[0] == HELLO_REQUEST)
        return;
    note_hello(w, message, is_retry(message) ? HELLO_RETRY : (enum unit_kind)message.p[0]);
    wr_bytes(&w->transcript, message);
}

static enum hash_id suite_hash(const struct wire *w)
{
    const struct tls_suite *suite = tls_suite_find(tls_info(w->subject.t)->suite);
    REQUIRE(suite != NULL);
    return suite->hash;
}

/* RFC 8446 4.4.1, RFC 5246 7.4.9. */
static struct span transcript_hash(struct wire *w, uint8_t out[HASH_MAX])
{
    enum hash_id hash = suite_hash(w);
    size_t n = hash_len(hash);
    struct buf text;
    buf_init(&text, WIRE_BUFFER_MAX);
    size_t from = 0;
    if (w->was_retried) {
        from = w->first_hello_len;
        REQUIRE(hash_once(hash, span_of(w->transcript.p, from), out) == OK);
        wr_u8(&text, 254);
        wr_u24(&text, (uint32_t)n);
        wr_bytes(&text, span_of(out, n));
    }
    wr_bytes(&text, span_of(w->transcript.p + from, w->transcript.n - from));
    REQUIRE(buf_check(&text) == OK && hash_once(hash, buf_span(&text), out) == OK);
    buf_release(&text);
    return span_of(out, n);
}

/* ---- sending to the subject ------------------------------------------------------------ */

static bool subject_over(const struct wire *w)
{
    return w->subject.result != OK || w->subject.is_closed;
}

/* What the subject says: to the peer, and into the transcript. */
static void hear_subject(struct wire *w)
{
    struct unit u;
    wr_bytes(&w->of_subject.raw, buf_span(&w->subject.out));
    engine_deliver(&w->subject, &w->peer);
    while (tap_next(&w->of_subject, &u)) {
        if (u.kind == ALERT && u.bytes.n == 2)
            w->alert_seen = u.bytes.p[1];
        if (u.type == TLS_HANDSHAKE && !w->subject.is_done)
            wire_note(w, u.bytes);
        else if (u.kind == FINISHED)
            wire_note(w, u.bytes);
    }
}

static void let_subject_go(struct wire *w)
{
    if (subject_over(w))
        return;
    if (w->by_step && w->subject.is_done)
        engine_step(&w->subject);
    else
        engine_go(&w->subject);
    hear_subject(w);
}

void wire_raw(struct wire *w, struct span bytes)
{
    wr_bytes(&w->subject.in, bytes);
    REQUIRE(buf_check(&w->subject.in) == OK);
    let_subject_go(w);
}

/* Before the subject has keys of a level, its records can only be sent in clear. */
static bool has_keys(const struct wire *w, enum tls_level level)
{
    const struct secret *s = w->subject.secrets;
    if (!w->is_tls13)
        return s[ENGINE_MASTER12].n != 0;
    return s[level == TLS_LEVEL_HANDSHAKE ? ENGINE_CLIENT_HANDSHAKE : ENGINE_CLIENT_APPLICATION]
               .n != 0;
}

void wire_quirky(struct wire *w, uint8_t type, enum tls_level level, struct span content,
                 const struct lane_quirk *quirk)
{
    struct buf record;
    if (subject_over(w))
        return;
    if (level > w->to_subject.level && has_keys(w, level))
        lane_raise(&w->to_subject, level);
    buf_init(&record, WIRE_BUFFER_MAX);
    lane_seal(&w->to_subject, type, content, quirk, &record);
    wire_raw(w, buf_span(&record));
    buf_release(&record);
}

void wire_record(struct wire *w, uint8_t type, enum tls_level level, struct span content)
{
    wire_quirky(w, type, level, content, NULL);
}

void wire_message(struct wire *w, enum tls_level level, struct span message)
{
    enum { PIECE = TLS_PLAINTEXT_MAX };
    wire_note(w, message);
    for (size_t at = 0; at < message.n; at += PIECE) {
        size_t n = message.n - at < PIECE ? message.n - at : PIECE;
        wire_record(w, TLS_HANDSHAKE, level, span_of(message.p + at, n));
    }
}

/* ---- repairs --------------------------------------------------------------------------- */

static void put_message(struct buf *b, enum unit_kind kind, struct span body)
{
    buf_clear(b);
    wr_u8(b, (unsigned)kind);
    wr_vec(b, 3, body);
    REQUIRE(buf_check(b) == OK);
}

static void make_finished(struct wire *w, struct buf *out)
{
    uint8_t digest[HASH_MAX];
    uint8_t verify_data[HASH_MAX];
    uint8_t key[HASH_MAX];
    struct span hash = transcript_hash(w, digest);
    enum hash_id id = suite_hash(w);
    const struct secret *secrets = w->subject.secrets;
    if (!w->is_tls13) {
        const char *label = w->is_server ? "client finished" : "server finished";
        REQUIRE(prf12(id, secret_span(&secrets[ENGINE_MASTER12]), label, hash, span_empty(),
                      verify_data, 12) == OK);
        put_message(out, FINISHED, span_of(verify_data, 12));
        return;
    }
    struct span base =
        secret_span(&secrets[w->is_server ? ENGINE_CLIENT_HANDSHAKE : ENGINE_SERVER_HANDSHAKE]);
    REQUIRE(hkdf_expand_label(id, base, span_text("finished"), span_empty(), key, hash.n) == OK);
    REQUIRE(hmac_once(id, span_of(key, hash.n), hash, verify_data) == OK);
    put_message(out, FINISHED, span_of(verify_data, hash.n));
}

static uint16_t peer_scheme(const struct wire *w)
{
    return has(w, RSA_KEYS) ? SCHEME_RSA_PSS_RSAE_SHA256 : SCHEME_ECDSA_SECP256R1_SHA256;
}

static void sign(struct wire *w, struct span content, struct buf *out)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t n;
    REQUIRE(private_key_sign(w->peer.options.identity->key, peer_scheme(w), content, signature,
                             &n) == OK);
    wr_u16(out, peer_scheme(w));
    wr_vec(out, 2, span_of(signature, n));
}

void wire_sign12(struct wire *w, struct span params, struct buf *out)
{
    struct buf content;
    buf_init(&content, WIRE_BUFFER_MAX);
    wr_bytes(&content, span_of(w->transcript.p + RANDOM_AT, 32)); /* ClientHello comes first */
    wr_bytes(&content, span_of(w->to_subject.server_random, 32));
    wr_bytes(&content, params);
    sign(w, buf_span(&content), out);
    buf_release(&content);
}

static void make_certificate_verify(struct wire *w, struct buf *out)
{
    struct buf content;
    struct buf body;
    uint8_t digest[HASH_MAX];
    buf_init(&content, WIRE_BUFFER_MAX);
    buf_init(&body, WIRE_BUFFER_MAX);
    if (w->is_tls13) {
        for (int i = 0; i < 64; i++)
            wr_u8(&content, ' ');
        wr_bytes(&content, span_text(w->is_server ? "TLS 1.3, client CertificateVerify"
                                                  : "TLS 1.3, server CertificateVerify"));
        wr_u8(&content, 0);
        wr_bytes(&content, transcript_hash(w, digest));
    } else {
        wr_bytes(&content, buf_span(&w->transcript));
    }
    sign(w, buf_span(&content), &body);
    put_message(out, CERTIFICATE_VERIFY, buf_span(&body));
    buf_release(&content);
    buf_release(&body);
}

/* The peer has given up because its view differs: the last messages come from here. */
static void finish_for_peer(struct wire *w)
{
    static const uint8_t ccs[1] = {1};
    static const uint8_t no_certificate[] = {CERTIFICATE, 0, 0, 4, 0, 0, 0, 0};
    enum tls_level level = w->is_tls13 ? TLS_LEVEL_HANDSHAKE : TLS_LEVEL_APPLICATION;
    if (!w->is_tls13)
        wire_record(w, TLS_CHANGE_CIPHER_SPEC, TLS_LEVEL_INITIAL, span_of(ccs, 1));
    if (w->is_tls13 && w->is_server && w->requested)
        wire_message(w, level, span_of(no_certificate, sizeof no_certificate));
    make_finished(w, &w->scratch);
    wire_message(w, level, buf_span(&w->scratch));
}

void wire_pass(struct wire *w, const struct unit *u)
{
    if (u->type != TLS_HANDSHAKE) {
        wire_record(w, u->type, u->level, u->bytes);
        return;
    }
    bool is_proof = u->kind == FINISHED || u->kind == CERTIFICATE_VERIFY;
    if (!has(w, REPAIRED) || !is_proof) {
        wire_message(w, u->level, u->bytes);
        return;
    }
    if (u->kind == FINISHED)
        make_finished(w, &w->scratch);
    else
        make_certificate_verify(w, &w->scratch);
    wire_message(w, u->level, buf_span(&w->scratch));
}

/* ---- running --------------------------------------------------------------------------- */

static bool row_wants(struct wire *w, const struct unit *u)
{
    if (w->row->at == AT_EVERY)
        return true;
    if (w->row->at == AT_FIRST)
        return u->type == TLS_HANDSHAKE && w->acted == 0;
    return w->row->at == (int)u->kind && w->acted == 0;
}

static void handle(struct wire *w, const struct unit *u)
{
    /* The peer's complaints about the row's doings are no concern of the subject. */
    if (u->kind == ALERT && w->peer.result != OK)
        return;
    if (u->kind == SERVER_HELLO)
        memcpy(w->of_peer.lane.server_random, u->bytes.p + RANDOM_AT, 32);
    if (row_wants(w, u)) {
        w->acted++;
        w->seen_len = u->bytes.n - (u->type == TLS_HANDSHAKE ? HEADER_LEN : 0);
        w->row->act(w, u);
        return;
    }
    wire_pass(w, u);
    if (w->held.n != 0) {
        struct unit held = w->held_unit;
        struct buf copy = w->held;
        held.bytes = buf_span(&copy);
        buf_init(&w->held, WIRE_BUFFER_MAX);
        wire_pass(w, &held);
        buf_release(&copy);
    }
}

static bool hear_peer(struct wire *w)
{
    struct unit u;
    if (w->peer.out.n == 0)
        return false;
    wr_bytes(&w->of_peer.raw, buf_span(&w->peer.out));
    buf_clear(&w->peer.out);
    while (tap_next(&w->of_peer, &u))
        handle(w, &u);
    return true;
}

static void exchange(struct wire *w)
{
    bool peer_begins = w->is_server;
    if (!peer_begins)
        let_subject_go(w);
    for (int i = 0; i < ROUNDS_MAX; i++) {
        bool moved = w->peer.in.n != 0;
        if (w->peer.result == OK && (moved || (i == 0 && peer_begins)))
            engine_go(&w->peer);
        moved = hear_peer(w) || moved;
        if (subject_over(w) || !moved)
            break;
    }
    bool is_waiting = !w->subject.is_done && !subject_over(w);
    if (has(w, REPAIRED) && is_waiting && w->peer.result != OK)
        finish_for_peer(w);
}

static enum engine_key key_of(const struct wire *w)
{
    if (has(w, ED25519))
        return ENGINE_ED25519;
    return has(w, RSA_KEYS) ? ENGINE_RSA : ENGINE_P256;
}

static void choose_suites(struct tls_config *config)
{
    config->suite_count = 0;
    config->suites[config->suite_count++] = 0x1303;
    config->suites[config->suite_count++] = 0xCCA9;
    config->suites[config->suite_count++] = 0xCCA8;
}

static void open_end(struct wire *w, struct engine *e, bool is_server, bool is_subject)
{
    bool is_tls13 = w->is_tls13 != (!is_subject && has(w, PEER_OTHER));
    bool both = is_subject && has(w, BOTH);
    struct engine_options o = {
        .config = engine_config(is_server, both || !is_tls13, both || is_tls13),
        .identity = engine_identity(key_of(w)),
        .server_name = is_server ? span_empty() : span_text("localhost"),
        .request_certificate = is_server && has(w, MUTUAL),
        .require_certificate = is_server && has(w, REQUIRED),
        .hides_key = is_subject && has(w, HIDES_KEY),
        .forces_credential = (is_subject && has(w, FORCED)) || (is_server && has(w, ONLY_X25519)),
        .alpn_mismatch = has(w, ALPN_REFUSED),
        .alpn = span_empty(),
        .verdict = is_subject ? w->row->verdict : OK,
        .seed = is_server ? 0x5EED5 : 0x5EEDC};
    if (has(w, WITH_ALPN) || has(w, ALPN_REFUSED))
        o.alpn = is_server ? span_text("h2") : span_text("\x02h2\x08http/1.1");
    if (!is_server && has(w, NO_CERTIFICATE))
        o.identity = NULL;
    o.config.strict_renegotiation_info = is_subject && has(w, STRICT);
    if (has(w, FIRST_GROUP_P256))
        o.config.groups[0] = GROUP_SECP256R1;
    if (has(w, FIRST_GROUP_P256))
        o.config.groups[1] = GROUP_X25519;
    if (!is_server && has(w, ONLY_X25519)) {
        o.config.groups[0] = GROUP_X25519;
        o.config.group_count = 1;
    }
    if (is_server && has(w, RETRIED)) {
        o.config.groups[0] = GROUP_SECP384R1;
        o.config.group_count = 1;
    }
    if (has(w, CHACHA))
        choose_suites(&o.config);
    engine_open(e, &o);
}

void wire_run(struct wire *w, const struct row *row, enum wire_on on, bool by_step, int parameter)
{
    *w = (struct wire){.row = row,
                       .on = on,
                       .is_server = (on & SERVERS) != 0,
                       .is_tls13 = (on & TLS13) != 0,
                       .by_step = by_step,
                       .parameter = parameter,
                       .alert_seen = NO_ALERT};
    open_end(w, &w->subject, w->is_server, true);
    open_end(w, &w->peer, !w->is_server, false);
    tap_init(&w->of_peer, &w->peer, !w->is_server);
    tap_init(&w->of_subject, &w->subject, w->is_server);
    lane_init(&w->to_subject, &w->subject, !w->is_server, true);
    buf_init(&w->transcript, WIRE_BUFFER_MAX);
    buf_init(&w->held, WIRE_BUFFER_MAX);
    buf_init(&w->scratch, WIRE_BUFFER_MAX);
    exchange(w);
    if (row->at == AT_ESTABLISHED && w->subject.is_done) {
        struct unit none = {.level = TLS_LEVEL_APPLICATION};
        lane_raise(&w->to_subject, TLS_LEVEL_APPLICATION);
        w->acted++;
        row->act(w, &none);
    }
}

void wire_close(struct wire *w)
{
    engine_close(&w->subject);
    engine_close(&w->peer);
    tap_close(&w->of_peer);
    tap_close(&w->of_subject);
    lane_close(&w->to_subject);
    buf_release(&w->transcript);
    buf_release(&w->held);
    buf_release(&w->scratch);
}

/* ---- judging --------------------------------------------------------------------------- */

static bool complain(const struct wire *w, bool quiet, const char *what)
{
    static const char *const roles[9] = {[C12] = "TLS 1.2 client",
                                         [C13] = "TLS 1.3 client",
                                         [S12] = "TLS 1.2 server",
                                         [S13] = "TLS 1.3 server"};
    const struct tls_info *info = tls_info(w->subject.t);
    if (!quiet)
        fprintf(stderr,
                "%s, %s%s (parameter %d): %s; got %s, alert sent %d, seen %d, done %d; wanted %s, "
                "alert %d; last raised in %s:%d\n",
                w->row->name, roles[w->on], w->by_step ? " by step" : "", w->parameter, what,
                err_name(w->subject.result), info->alert_sent, w->alert_seen, w->subject.is_done,
                err_name(w->row->expected), w->row->alert, err_last_place()->function,
                err_last_place()->line);
    return false;
}

/* Data still pass both ways. */
static bool is_alive(struct wire *w)
{
    struct unit u;
    w->by_step = false;
    buf_clear(&w->subject.data);
    lane_raise(&w->to_subject, TLS_LEVEL_APPLICATION);
    wire_record(w, TLS_APPLICATION_DATA, TLS_LEVEL_APPLICATION, span_text("ping"));
    if (w->subject.result != OK || !span_equal(buf_span(&w->subject.data), span_text("ping")))
        return false;
    if (engine_write(&w->subject, span_text("pong")) != OK)
        return false;
    wr_bytes(&w->of_subject.raw, buf_span(&w->subject.out));
    bool arrived = false;
    while (tap_next(&w->of_subject, &u))
        arrived = u.kind == DATA && span_equal(u.bytes, span_text("pong"));
    return arrived;
}

/* The first failure stays, whatever is tried. */
static bool is_latched(struct wire *w)
{
    struct tls_progress progress;
    struct tls_opened opened;
    uint8_t byte = 0;
    err expected = w->row->expected;
    return tls_info(w->subject.t)->failure == expected &&
           tls_step(w->subject.t, NULL, &progress) == expected &&
           tls_open(w->subject.t, &byte, 1, &opened) == ERR_DEAD &&
           tls_seal(w->subject.t, TLS_APPLICATION_DATA, &byte, &byte, 0, &byte) == ERR_DEAD;
}

static bool judge_success(struct wire *w, bool quiet)
{
    if (has(w, CLOSES))
        return w->subject.is_closed || complain(w, quiet, "close_notify was not noticed");
    if (has(w, STALLS))
        return !w->subject.is_done || complain(w, quiet, "went on without the message");
    if (!w->subject.is_done)
        return complain(w, quiet, "the handshake did not end");
    return is_alive(w) || complain(w, quiet, "no data after the handshake");
}

bool wire_judge(struct wire *w, bool quiet)
{
    const struct row *row = w->row;
    if (row->act != NULL && w->acted == 0)
        return complain(w, quiet, "the row's message was not seen");
    if (w->subject.result != row->expected)
        return complain(w, quiet, "wrong reason");
    if (row->expected == OK)
        return judge_success(w, quiet);
    if (tls_info(w->subject.t)->alert_sent != row->alert || w->alert_seen != row->alert)
        return complain(w, quiet, "wrong alert");
    if (row->expected != ERR_RECORD_GARBAGE && !is_latched(w))
        return complain(w, quiet, "the failure did not latch");
    return true;
}
