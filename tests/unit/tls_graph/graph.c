/* SPDX-License-Identifier: MIT */
/*
 * The engine's state machines against the RFCs' graphs: the same paths, the same keys, every path
 * ends, no state is dead. `--markdown` and `--dot` print the machines; `--check FILE` compares the
 * generated part of docs/HANDSHAKE.md with them.
 */
#include "print.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- the same paths -------------------------------------------------------------------- */

static unsigned missing_in(const struct path_set *a, const struct path_set *b, const char *what,
                           bool quiet)
{
    unsigned missing = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (path_has(b, a->text[i]))
            continue;
        missing++;
        if (!quiet)
            fprintf(stderr, "%s: %s\n", what, a->text[i]);
    }
    return missing;
}

static void legal_paths(struct path_set *out)
{
    out->count = 0;
    flow_paths(TLS_VERSION_12, out);
    flow_paths(TLS_VERSION_13, out);
}

static bool agrees(const struct machine *m, bool quiet)
{
    static struct walk walk;
    static struct path_set legal;
    machine_walk(m, &walk);
    legal_paths(&legal);
    unsigned wrong = missing_in(&legal, &walk.paths, "the RFC has, the engine lacks", quiet);
    wrong += missing_in(&walk.paths, &legal, "the engine has, the RFC lacks", quiet);
    return wrong == 0 && !walk.has_cycle;
}

static void same_paths(void **state)
{
    (void)state;
    for (int is_server = 0; is_server < 2; is_server++) {
        struct machine m;
        static struct path_set legal;
        machine_load(&m, is_server != 0);
        assert_true(agrees(&m, false));
        legal_paths(&legal);
        print_message("         %s: %zu paths\n", is_server ? "server" : "client", legal.count);
        /* 1.2: stapled, asked, has one; 1.3: retried, asked, has one */
        assert_int_equal(legal.count, 2 * 3 + 2 * 3);
    }
}

/* ---- termination, dead states ---------------------------------------------------------- */

static void every_path_ends(void **state)
{
    (void)state;
    for (int is_server = 0; is_server < 2; is_server++) {
        static struct walk walk;
        struct machine m;
        machine_load(&m, is_server != 0);
        machine_walk(&m, &walk);
        assert_false(walk.has_cycle);
        assert_true(walk.longest > 0 && walk.longest < HANDSHAKE_STEPS_MAX);
    }
}

static void every_state_is_reached(void **state)
{
    (void)state;
    uint64_t reached = 0;
    for (int is_server = 0; is_server < 2; is_server++) {
        static struct walk walk;
        struct machine m;
        machine_load(&m, is_server != 0);
        machine_walk(&m, &walk);
        reached |= walk.reached;
    }
    for (int i = 0; i < HS_STATE_COUNT; i++) {
        if ((reached & NEXT(i)) == 0)
            fprintf(stderr, "%s is never reached\n", hs_state_name(i));
        assert_true((reached & NEXT(i)) != 0);
    }
}

/* ---- each row by itself ---------------------------------------------------------------- */

static size_t rows_of(const struct machine *m, int state)
{
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++)
        count += (int)m->rows[i].state == state;
    return count;
}

/* A state sends, or stops, or waits for messages: never two of these. */
static void check_kind(const struct machine *m, const struct hs_row *row)
{
    enum msg sent[2];
    machine_sends((int)row->state, sent);
    if (row->message == MSG_NONE) {
        assert_int_equal(rows_of(m, (int)row->state), 1);
        assert_int_equal(sent[0] != MSG_NONE, row->act != NULL);
        assert_int_equal(row->hash, HASH_NEVER);
        return;
    }
    assert_non_null(row->act);
    assert_int_equal(sent[0], MSG_NONE);
}

static void check_no_twin(const struct machine *m, size_t at)
{
    for (size_t i = 0; i < at; i++)
        assert_false(m->rows[i].state == m->rows[at].state &&
                     m->rows[i].message == m->rows[at].message);
}

/* A ServerHello names the version of what follows; the ClientHello has a rule for itself. */
static uint16_t row_version(const struct hs_row *row)
{
    if (row->message == MSG_SERVER_HELLO_12)
        return TLS_VERSION_12;
    if (row->message == MSG_SERVER_HELLO_13 || row->message == MSG_HELLO_RETRY_REQUEST)
        return TLS_VERSION_13;
    return machine_state_version((int)row->state);
}

static void check_rule(const struct hs_row *row)
{
    if (row->message == MSG_NONE)
        return;
    if (row->message == MSG_CLIENT_HELLO) {
        assert_int_equal(row->level, TLS_LEVEL_INITIAL);
        assert_int_equal(row->ends_record, row->state == S13_WAIT_HELLO_AGAIN);
        return;
    }
    const struct flow_rule *rule = flow_rule_of(row->message, row_version(row));
    assert_non_null(rule);
    assert_int_equal(row->level, rule->level);
    assert_int_equal(row->ends_record, rule->ends_record);
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (int is_server = 0; is_server < 2; is_server++) {
        struct machine m;
        machine_load(&m, is_server != 0);
        for (size_t i = 0; i < m.count; i++) {
            check_kind(&m, &m.rows[i]);
            check_no_twin(&m, i);
            check_rule(&m.rows[i]);
        }
    }
}

static void names_are_there(void **state)
{
    (void)state;
    for (int i = 0; i < HS_STATE_COUNT; i++)
        assert_true(strlen(hs_state_name(i)) > 4);
    assert_string_equal(hs_state_name(HS_STATE_COUNT), "none");
    assert_string_equal(hs_state_name(-1), "none");
}

/* ---- positive controls ----------------------------------------------------------------- */

/* A response that was announced and does not come leaves the same messages as no announcement. */
static bool is_redundant(const struct hs_row *row)
{
    return row->state == C12_WAIT_STATUS_OR_KEY_EXCHANGE && row->message == MSG_SERVER_KEY_EXCHANGE;
}

/* Without any one of its rows, or with any next state more, a machine disagrees with the RFCs. */
static void planted_changes_are_seen(void **state)
{
    (void)state;
    unsigned caught = 0;
    for (int is_server = 0; is_server < 2; is_server++) {
        struct machine whole;
        machine_load(&whole, is_server != 0);
        for (size_t i = 0; i < whole.count; i++) {
            struct machine m = whole;
            if (m.rows[i].next == 0)
                continue;
            m.rows[i] = m.rows[--m.count];
            assert_int_equal(agrees(&m, true), is_redundant(&whole.rows[i]));
            m = whole;
            m.rows[i].next |= NEXT(HS_DONE);
            if ((whole.rows[i].next & NEXT(HS_DONE)) == 0)
                assert_false(agrees(&m, true));
            m = whole;
            m.rows[i].next = NEXT(m.rows[i].state);
            assert_false(agrees(&m, true));
            caught++;
        }
    }
    assert_true(caught > 40);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
        print_markdown(stdout);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--dot") == 0) {
        print_dot(stdout);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--check") == 0) {
        bool is_same = print_matches(argv[2]);
        printf("%s: %s\n", argv[2],
               is_same ? "as generated" : "differs from unit_tls_graph --markdown");
        return is_same ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_paths),
        cmocka_unit_test(every_path_ends),
        cmocka_unit_test(every_state_is_reached),
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(names_are_there),
        cmocka_unit_test(planted_changes_are_seen),
    };
    return cmocka_run_group_tests_name("tls_graph", tests, NULL, NULL);
}
