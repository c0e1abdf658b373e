/* SPDX-License-Identifier: MIT */
/*
 * Rows of hostile and odd peers against the engine in both roles and versions, sweeps over every
 * length and byte, and the proof that each reason to reject has been given at least once.
 */
#include "rows.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "excuses.h"

static unsigned provoked[ERR_COUNT]; /* bits of enum wire_on */
static unsigned run_count;

/* ---- rows ------------------------------------------------------------------------------ */

static bool run_one(const struct row *row, enum wire_on on, bool by_step, int parameter)
{
    struct wire w;
    int64_t live = mem_live();
    wire_run(&w, row, on, by_step, parameter);
    bool is_right = wire_judge(&w, false);
    if (is_right)
        provoked[row->expected] |= (unsigned)on;
    wire_close(&w);
    run_count++;
    if (mem_live() != live) {
        fprintf(stderr, "%s: %ld blocks leaked\n", row->name, (long)(mem_live() - live));
        return false;
    }
    return is_right;
}

static unsigned run_row(const struct row *row)
{
    unsigned wrong = 0;
    for (unsigned on = C12; on <= S13; on <<= 1) {
        if ((row->on & on) == 0)
            continue;
        wrong += !run_one(row, (enum wire_on)on, false, -1);
        if (row->at == AT_ESTABLISHED && (row->options & ONLY_READ) == 0)
            wrong += !run_one(row, (enum wire_on)on, true, -1);
    }
    return wrong;
}

static void run_rows(const struct row *rows, size_t count)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += run_row(&rows[i]);
    print_message("         %zu rows\n", count);
    assert_int_equal(wrong, 0);
}

static void records(void **state)
{
    (void)state;
    run_rows(rows_record, rows_record_count);
}

static void order(void **state)
{
    (void)state;
    run_rows(rows_order, rows_order_count);
}

static void hellos(void **state)
{
    (void)state;
    run_rows(rows_hello, rows_hello_count);
}

static void proofs(void **state)
{
    (void)state;
    run_rows(rows_auth, rows_auth_count);
}

static void established(void **state)
{
    (void)state;
    run_rows(rows_after, rows_after_count);
}

/* ---- sweeps ---------------------------------------------------------------------------- */

/* Every message that a peer sends in the longest handshakes. */
struct place {
    unsigned on;
    enum unit_kind kind;
    unsigned options;
};
static const struct place places[] = {
    {C13, SERVER_HELLO, 0},
    {C13, HELLO_RETRY, RETRIED},
    {C13, SERVER_HELLO, RETRIED},
    {C13, ENCRYPTED_EXTENSIONS, WITH_ALPN},
    {C13, CERTIFICATE_REQUEST, MUTUAL},
    {C13, CERTIFICATE, 0},
    {C13, CERTIFICATE_VERIFY, 0},
    {C13, FINISHED, 0},
    {S13, CLIENT_HELLO, 0},
    {S13, HELLO_AGAIN, RETRIED},
    {S13, CERTIFICATE, MUTUAL},
    {S13, CERTIFICATE_VERIFY, MUTUAL},
    {S13, FINISHED, MUTUAL},
    {C12, SERVER_HELLO, WITH_ALPN},
    {C12, CERTIFICATE, 0},
    {C12, SERVER_KEY_EXCHANGE, 0},
    {C12, CERTIFICATE_REQUEST, MUTUAL},
    {C12, SERVER_HELLO_DONE, 0},
    {C12, FINISHED, 0},
    {S12, CLIENT_HELLO, 0},
    {S12, CERTIFICATE, MUTUAL},
    {S12, CLIENT_KEY_EXCHANGE, 0},
    {S12, CERTIFICATE_VERIFY, MUTUAL},
    {S12, FINISHED, 0},
};

static size_t body_len(const struct place *place)
{
    struct wire w;
    struct row row = {"length", place->on, (int)place->kind, act_pass,
                      OK,       NO_ALERT,  place->options};
    wire_run(&w, &row, (enum wire_on)place->on, false, -1);
    assert_true(wire_judge(&w, false));
    size_t n = w.seen_len;
    wire_close(&w);
    return n;
}

/* A ClientHello or ServerHello without extensions is well formed and fails for what it says. */
static bool may_be_whole(const struct place *place, err got)
{
    if (place->kind == CLIENT_HELLO)
        return got == ERR_HELLO_VERSION || got == ERR_HELLO_NO_CERTIFICATE;
    if (place->kind == HELLO_AGAIN)
        return got == ERR_HELLO_CHANGED;
    if (place->kind == HELLO_RETRY)
        return got == ERR_HELLO_MISSING_EXTENSION;
    if (place->kind == SERVER_HELLO)
        return got == ERR_HELLO_VERSION || got == ERR_ILLEGAL_VALUE;
    return false;
}

/* Cut to every length, with the length field right: decode_error, but for whole hellos. */
static void every_length(void **state)
{
    (void)state;
    unsigned wrong = 0;
    unsigned whole = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const struct place *place = &places[i];
        struct row row = {unit_kind_name(place->kind),
                          place->on,
                          (int)place->kind,
                          act_truncate,
                          ERR_DECODE,
                          DECODE_ERROR,
                          place->options};
        size_t n = body_len(place);
        unsigned exceptions = 0;
        for (size_t cut = 1; cut <= n; cut++) {
            struct wire w;
            wire_run(&w, &row, (enum wire_on)place->on, false, (int)cut);
            bool is_exception = may_be_whole(place, w.subject.result) ||
                                (place->on == C12 && w.subject.result == OK && !w.subject.is_done);
            if (is_exception)
                exceptions++;
            else
                wrong += !wire_judge(&w, false);
            provoked[w.subject.result] |= place->on;
            wire_close(&w);
            run_count++;
        }
        wrong += exceptions > 1;
        whole += exceptions;
    }
    print_message("         %u whole hellos without extensions\n", whole);
    assert_int_equal(wrong, 0);
}

/* One byte more, with the length field right. */
static void one_byte_more(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const struct place *place = &places[i];
        struct row row = {unit_kind_name(place->kind),
                          place->on,
                          (int)place->kind,
                          act_extend,
                          ERR_DECODE,
                          DECODE_ERROR,
                          place->options};
        wrong += !run_one(&row, (enum wire_on)place->on, false, -1);
    }
    assert_int_equal(wrong, 0);
}

/* No changed bit of any message goes unnoticed: the proofs cover all of them. */
static void every_byte(void **state)
{
    (void)state;
    unsigned wrong = 0;
    unsigned count = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const struct place *place = &places[i];
        struct row row = {unit_kind_name(place->kind),
                          place->on,
                          (int)place->kind,
                          act_flip_at,
                          OK,
                          NO_ALERT,
                          place->options};
        size_t n = body_len(place) + 4;
        for (size_t at = 0; at < n; at++) {
            struct wire w;
            wire_run(&w, &row, (enum wire_on)place->on, false, (int)at);
            bool is_unnoticed = w.subject.is_done && w.peer.is_done;
            if (is_unnoticed || w.subject.result == ERR_INTERNAL) {
                fprintf(stderr, "%s: byte %zu: %s\n", row.name, at, err_name(w.subject.result));
                wrong++;
            }
            wire_close(&w);
            count++;
        }
    }
    run_count += count;
    print_message("         %u changes\n", count);
    assert_int_equal(wrong, 0);
}

/* The other types a state takes: their bodies do not decode as such. */
static bool is_alternative(const struct place *place, int type)
{
    if (type == SERVER_HELLO) /* looked into before the state machine sees it */
        return true;
    if (place->on == C13 && place->kind == CERTIFICATE)
        return type == CERTIFICATE_REQUEST;
    if (place->on == C13 && place->kind == CERTIFICATE_REQUEST)
        return type == CERTIFICATE;
    if (place->on == C12 &&
        (place->kind == CERTIFICATE_REQUEST || place->kind == SERVER_HELLO_DONE))
        return type == SERVER_HELLO_DONE || type == CERTIFICATE_REQUEST;
    return false;
}

/* Every message under every other type. */
static void every_type(void **state)
{
    static const int types[] = {0,  1,  2,  3,  4,  5,  8,  11, 12,  13, 14,
                                15, 16, 20, 21, 22, 24, 25, 67, 254, 255};
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const struct place *place = &places[i];
        for (size_t k = 0; k < ARRAY_LEN(types); k++) {
            bool is_own = types[k] == (int)place->kind ||
                          (types[k] == SERVER_HELLO && place->kind == HELLO_RETRY) ||
                          (types[k] == CLIENT_HELLO && place->kind == HELLO_AGAIN);
            /* RFC 5246 7.4.1.1: an empty HelloRequest is passed over. */
            bool is_passed_over =
                types[k] == 0 && place->on == C12 && place->kind == SERVER_HELLO_DONE;
            if (is_own || is_passed_over)
                continue;
            bool decodes = !is_alternative(place, types[k]);
            struct row row = {.name = unit_kind_name(place->kind),
                              .on = place->on,
                              .at = (int)place->kind,
                              .act = act_retype,
                              .expected = decodes ? ERR_UNEXPECTED_MESSAGE : ERR_DECODE,
                              .alert = decodes ? UNEXPECTED_MESSAGE : DECODE_ERROR,
                              .options = place->options};
            wrong += !run_one(&row, (enum wire_on)place->on, false, types[k]);
        }
    }
    assert_int_equal(wrong, 0);
}

/* In two records, split anywhere. */
static void every_split(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const struct place *place = &places[i];
        struct row row = {unit_kind_name(place->kind),
                          place->on,
                          (int)place->kind,
                          act_split,
                          OK,
                          NO_ALERT,
                          place->options};
        size_t n = body_len(place) + 4;
        for (size_t at = 1; at < n; at += at < 12 ? 1 : 37)
            wrong += !run_one(&row, (enum wire_on)place->on, false, (int)at);
    }
    assert_int_equal(wrong, 0);
}

/* ---- what the tables must cover -------------------------------------------------------- */

/* Each reason a peer can give has been given in each role and version, or is excused. */
static void every_reason(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (int reason = FIRST_REASON; reason <= LAST_REASON; reason++) {
        unsigned excused = excused_on((err)reason);
        unsigned missing = ALL & ~(provoked[reason] | excused);
        unsigned stale = excused & provoked[reason];
        if (missing != 0)
            fprintf(stderr, "%s: not provoked on %x\n", err_name((err)reason), missing);
        if (stale != 0)
            fprintf(stderr, "%s: excused on %x, but provoked\n", err_name((err)reason), stale);
        wrong += missing != 0 || stale != 0;
    }
    print_message("         %u runs\n", run_count);
    assert_int_equal(wrong, 0);
}

/* ---- positive controls ----------------------------------------------------------------- */

static bool verdict_of(const struct row *row)
{
    struct wire w;
    wire_run(&w, row, (enum wire_on)row->on, false, -1);
    bool verdict = wire_judge(&w, true);
    wire_close(&w);
    return verdict;
}

/* Rows with a wrong expectation must be seen to be wrong. */
static void planted_rows_fail(void **state)
{
    (void)state;
    static const struct row good = {"good", C13, FINISHED, act_pass, OK, NO_ALERT};
    static const struct row planted[] = {
        {"accepts a changed Finished", C13, FINISHED, act_flip, OK, NO_ALERT, .value = 1},
        {"other reason", C13, FINISHED, act_flip, ERR_DECODE, DECODE_ERROR, .value = 1},
        {"other alert", C13, FINISHED, act_flip, ERR_FINISHED_MISMATCH, DECODE_ERROR, .value = 1},
        {"an alert where none is owed", S12, FINISHED, act_flip, ERR_FINISHED_MISMATCH, NO_ALERT,
         .value = 1},
        {"refuses a right Finished", S13, FINISHED, act_pass, ERR_FINISHED_MISMATCH, DECRYPT_ERROR},
        {"a message that does not come", C12, CERTIFICATE_REQUEST, act_pass, OK, NO_ALERT},
        {"stalls", C12, FINISHED, act_pass, OK, NO_ALERT, STALLS},
        {"does not stall", C12, FINISHED, act_drop, OK, NO_ALERT},
        {"closes", C12, FINISHED, act_pass, OK, NO_ALERT, CLOSES},
    };
    assert_true(verdict_of(&good));
    for (size_t i = 0; i < ARRAY_LEN(planted); i++)
        assert_false(verdict_of(&planted[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_rows_fail),
        cmocka_unit_test(records),
        cmocka_unit_test(order),
        cmocka_unit_test(hellos),
        cmocka_unit_test(proofs),
        cmocka_unit_test(established),
        cmocka_unit_test(every_length),
        cmocka_unit_test(one_byte_more),
        cmocka_unit_test(every_type),
        cmocka_unit_test(every_split),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(every_reason),
    };
    if (crypto_start() != OK)
        return 1;
    engine_identity(ENGINE_P256);
    engine_identity(ENGINE_RSA);
    int failed = cmocka_run_group_tests_name("wire", tests, NULL, NULL);
    engine_identities_free();
    return failed;
}
