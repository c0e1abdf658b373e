/* SPDX-License-Identifier: MIT */
/*
 * The writing half of an established connection and its end: the last records of a key (RFC 8446
 * 5.5), close_notify behind a flight that waits and what may not follow it (RFC 8446 6.1, RFC 5246
 * 7.2.1), data before the answer to a KeyUpdate (RFC 8446 4.6.3), halves of a message (RFC
 * 8446 5.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine.h"
#include "lane.h"
#include "tls/internal.h"

enum { FATAL = 2, WARNING = 1, CLOSE_NOTIFY = 0, BAD_CERTIFICATE = 42, USER_CANCELED = 90 };

static struct engine client;
static struct engine server;

static void open_pair(bool is_tls13)
{
    struct engine_options c = {.config = engine_config(false, !is_tls13, is_tls13),
                               .server_name = span_text("localhost"),
                               .seed = 1};
    struct engine_options s = {.config = engine_config(true, !is_tls13, is_tls13),
                               .identity = engine_identity(ENGINE_P256),
                               .seed = 2};
    engine_open(&client, &c);
    engine_open(&server, &s);
}

static void connect_pair(bool is_tls13)
{
    open_pair(is_tls13);
    assert_true(engine_handshake(&client, &server));
}

static void close_pair(void)
{
    engine_close(&client);
    engine_close(&server);
}

static size_t taken(struct engine *e)
{
    size_t before = e->out.n;
    engine_take_output(e);
    return e->out.n - before;
}

/* ---- the end of a key ------------------------------------------------------------------ */

static void write_until_limit(struct engine *e)
{
    e->t->writer.limit = e->t->writer.number + RECORDS_KEPT_BACK + 3;
    for (int i = 0; i < 3; i++)
        assert_int_equal(engine_write(e, span_text("x")), OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(engine_write(e, span_text("x")), ERR_SEQUENCE_EXHAUSTED);
}

static void new_keys_fit_behind_the_limit(void **state)
{
    (void)state;
    connect_pair(true);
    write_until_limit(&client);
    assert_int_equal(tls_update_keys(client.t, false), OK);
    assert_true(taken(&client) != 0);
    assert_int_equal(engine_write(&client, span_text("new")), OK);
    engine_deliver(&client, &server);
    assert_int_equal(engine_read(&server), OK);
    assert_true(span_equal(buf_span(&server.data), span_text("xxxnew")));
    close_pair();
}

static void close_notify_fits_behind_the_limit(void **state)
{
    (void)state;
    for (int is_tls13 = 0; is_tls13 < 2; is_tls13++) {
        connect_pair(is_tls13 != 0);
        write_until_limit(&server);
        assert_int_equal(tls_shutdown(server.t), OK);
        engine_take_output(&server);
        engine_deliver(&server, &client);
        assert_int_equal(engine_read(&client), OK);
        assert_true(client.is_closed);
        close_pair();
    }
}

/* ---- the end of the connection --------------------------------------------------------- */

/* One step of the server whose output nobody takes yet. */
static void step_without_taking(struct engine *e)
{
    struct tls_input input = {.bytes = buf_span(&e->in)};
    assert_int_equal(tls_step(e->t, &input, &e->progress), OK);
    buf_drop(&e->in, e->progress.consumed);
}

static void close_notify_behind_the_last_flight(void **state)
{
    (void)state;
    open_pair(false);
    assert_int_equal(engine_step(&client), OK);
    engine_deliver(&client, &server);
    assert_int_equal(engine_step(&server), OK);
    engine_deliver(&server, &client);
    assert_int_equal(engine_step(&client), OK);
    engine_deliver(&client, &server);
    step_without_taking(&server);
    assert_int_equal(server.progress.wait, TLS_DONE);
    assert_int_equal(tls_shutdown(server.t), OK);
    engine_take_output(&server);
    engine_deliver(&server, &client);
    assert_int_equal(engine_step(&client), OK);
    assert_true(client.is_done);
    assert_int_equal(engine_read(&client), OK);
    assert_true(client.is_closed);
    close_pair();
}

/* The server's whole flight of TLS 1.3 waits, and its application keys stand behind it. */
static void close_notify_behind_the_first_flight(void **state)
{
    (void)state;
    open_pair(true);
    assert_int_equal(engine_step(&client), OK);
    engine_deliver(&client, &server);
    step_without_taking(&server);
    assert_int_equal(server.progress.wait, TLS_WAIT_CHOICE);
    struct tls_choice choice = {.alpn = span_empty(),
                                .credential = &server.options.identity->credential};
    assert_int_equal(tls_answer_choice(server.t, &choice), OK);
    step_without_taking(&server);
    assert_int_equal(tls_shutdown(server.t), OK);
    engine_take_output(&server);
    engine_deliver(&server, &client);
    assert_int_equal(engine_step(&client), OK);
    assert_true(client.is_done);
    assert_int_equal(engine_read(&client), OK);
    assert_true(client.is_closed);
    close_pair();
}

static void no_flight_behind_close_notify(void **state)
{
    (void)state;
    for (int is_tls13 = 0; is_tls13 < 2; is_tls13++) {
        open_pair(is_tls13 != 0);
        assert_int_equal(engine_step(&client), OK);
        engine_deliver(&client, &server);
        assert_int_equal(tls_shutdown(client.t), OK);
        assert_true(taken(&client) != 0);
        size_t sent = client.out.n;
        assert_int_equal(engine_step(&server), OK);
        engine_deliver(&server, &client);
        assert_int_equal(engine_step(&client), ERR_CLOSED);
        assert_int_equal(client.out.n, sent);
        close_pair();
    }
}

static void no_renewal_behind_close_notify(void **state)
{
    (void)state;
    connect_pair(true);
    client.t->writer.number = client.t->writer.limit / 4 * 3;
    assert_int_equal(tls_shutdown(client.t), OK);
    assert_true(taken(&client) != 0);
    step_without_taking(&client);
    assert_int_equal(taken(&client), 0);
    close_pair();
    /* The control: without the close_notify there is one. */
    connect_pair(true);
    client.t->writer.number = client.t->writer.limit / 4 * 3;
    step_without_taking(&client);
    assert_true(taken(&client) != 0);
    close_pair();
}

static err seal_alert(struct engine *e, uint8_t level, uint8_t number)
{
    uint8_t record[64] = {0};
    struct tls_sizes sizes;
    assert_int_equal(tls_sizes(e->t, &sizes), OK);
    uint8_t *data = record + sizes.header_len;
    data[0] = level;
    data[1] = number;
    return tls_seal(e->t, TLS_ALERT, record, data, 2, data + 2);
}

static void no_data_behind_a_sealed_last_word(void **state)
{
    (void)state;
    for (int is_tls13 = 0; is_tls13 < 2; is_tls13++) {
        connect_pair(is_tls13 != 0);
        assert_int_equal(seal_alert(&client, WARNING, USER_CANCELED), OK);
        assert_int_equal(engine_write(&client, span_text("x")), OK);
        assert_int_equal(seal_alert(&client, WARNING, CLOSE_NOTIFY), OK);
        assert_int_equal(engine_write(&client, span_text("x")), ERR_CLOSED);
        assert_int_equal(seal_alert(&server, FATAL, BAD_CERTIFICATE), OK);
        assert_int_equal(engine_write(&server, span_text("x")), ERR_CLOSED);
        close_pair();
    }
}

/* ---- messages after the handshake ------------------------------------------------------ */

static void no_data_before_the_answer(void **state)
{
    (void)state;
    static const uint8_t update[] = {MSG_KEY_UPDATE, 0, 0, 1, 1};
    for (size_t first = 1; first <= sizeof update; first++) {
        struct lane lane;
        connect_pair(true);
        lane_init(&lane, &client, true, true);
        lane_raise(&lane, TLS_LEVEL_APPLICATION);
        struct lane_quirk none = {0};
        lane_seal(&lane, TLS_HANDSHAKE, span_of(update, first), &none, &client.in);
        if (first != sizeof update)
            lane_seal(&lane, TLS_HANDSHAKE, span_of(update + first, sizeof update - first), &none,
                      &client.in);
        step_without_taking(&client);
        assert_int_equal(engine_write(&client, span_text("x")), ERR_CLOSED);
        assert_true(taken(&client) != 0);
        assert_int_equal(engine_write(&client, span_text("x")), OK);
        lane_close(&lane);
        close_pair();
    }
}

static void no_data_between_halves(void **state)
{
    (void)state;
    static const uint8_t update[] = {MSG_KEY_UPDATE, 0, 0, 1, 0};
    struct lane lane;
    struct lane_quirk none = {0};
    struct tls_opened opened;
    connect_pair(true);
    lane_init(&lane, &client, true, true);
    lane_raise(&lane, TLS_LEVEL_APPLICATION);
    lane_seal(&lane, TLS_HANDSHAKE, span_of(update, 3), &none, &client.in);
    step_without_taking(&client);
    lane_seal(&lane, TLS_APPLICATION_DATA, span_text("x"), &none, &client.in);
    assert_int_equal(tls_open(client.t, client.in.p, client.in.n, &opened), ERR_RECORD_INTERLEAVED);
    lane_close(&lane);
    close_pair();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_keys_fit_behind_the_limit),
        cmocka_unit_test(close_notify_fits_behind_the_limit),
        cmocka_unit_test(close_notify_behind_the_last_flight),
        cmocka_unit_test(close_notify_behind_the_first_flight),
        cmocka_unit_test(no_flight_behind_close_notify),
        cmocka_unit_test(no_renewal_behind_close_notify),
        cmocka_unit_test(no_data_behind_a_sealed_last_word),
        cmocka_unit_test(no_data_before_the_answer),
        cmocka_unit_test(no_data_between_halves),
    };
    if (crypto_start() != OK)
        return 1;
    int failed = cmocka_run_group_tests_name("tls writer", tests, NULL, NULL);
    engine_identities_free();
    return failed;
}
