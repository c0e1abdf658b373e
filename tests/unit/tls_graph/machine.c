/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <assert.h>

void machine_load(struct machine *m, bool is_server)
{
    static const enum hs_machine of_client[] = {MACHINE_CLIENT, MACHINE_CLIENT13, MACHINE_CLIENT12};
    static const enum hs_machine of_server[] = {MACHINE_SERVER, MACHINE_SERVER13, MACHINE_SERVER12};
    *m = (struct machine){.is_server = is_server};
    for (size_t i = 0; i < ARRAY_LEN(of_client); i++) {
        size_t count;
        const struct hs_row *rows =
            hs_machine_rows(is_server ? of_server[i] : of_client[i], &count);
        assert(m->count + count <= ROWS_MAX);
        memcpy(m->rows + m->count, rows, count * sizeof *rows);
        m->count += count;
    }
}

enum hs_state machine_start(const struct machine *m)
{
    return m->is_server ? S_WAIT_HELLO : C_SEND_HELLO;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

uint16_t machine_state_version(int state)
{
    const char *name = hs_state_name(state);
    if (starts_with(name, "C13_") || starts_with(name, "S13_"))
        return TLS_VERSION_13;
    return starts_with(name, "C12_") || starts_with(name, "S12_") ? TLS_VERSION_12 : 0;
}

void machine_sends(int state, enum msg out[2])
{
    static const struct {
        enum hs_state state;
        enum msg messages[2];
    } sends[] = {
        {C_SEND_HELLO, {MSG_CLIENT_HELLO, MSG_NONE}},
        {C_SEND_HELLO_AGAIN, {MSG_CLIENT_HELLO, MSG_NONE}},
        {C13_SEND_CERTIFICATE, {MSG_CERTIFICATE, MSG_NONE}},
        {C13_SEND_CERTIFICATE_VERIFY, {MSG_CERTIFICATE_VERIFY, MSG_NONE}},
        {C13_SEND_FINISHED, {MSG_FINISHED, MSG_NONE}},
        {C12_SEND_CERTIFICATE, {MSG_CERTIFICATE, MSG_NONE}},
        {C12_SEND_KEY_EXCHANGE, {MSG_CLIENT_KEY_EXCHANGE, MSG_NONE}},
        {C12_SEND_CERTIFICATE_VERIFY, {MSG_CERTIFICATE_VERIFY, MSG_NONE}},
        {C12_SEND_FINISHED, {MSG_CHANGE_CIPHER_SPEC, MSG_FINISHED}},
        {S13_SEND_RETRY, {MSG_HELLO_RETRY_REQUEST, MSG_NONE}},
        {S13_SEND_HELLO, {MSG_SERVER_HELLO_13, MSG_NONE}},
        {S13_SEND_ENCRYPTED_EXTENSIONS, {MSG_ENCRYPTED_EXTENSIONS, MSG_NONE}},
        {S13_SEND_REQUEST, {MSG_CERTIFICATE_REQUEST, MSG_NONE}},
        {S13_SEND_CERTIFICATE, {MSG_CERTIFICATE, MSG_NONE}},
        {S13_SEND_CERTIFICATE_VERIFY, {MSG_CERTIFICATE_VERIFY, MSG_NONE}},
        {S13_SEND_FINISHED, {MSG_FINISHED, MSG_NONE}},
        {S12_SEND_HELLO, {MSG_SERVER_HELLO_12, MSG_NONE}},
        {S12_SEND_CERTIFICATE, {MSG_CERTIFICATE, MSG_NONE}},
        {S12_SEND_STATUS, {MSG_CERTIFICATE_STATUS, MSG_NONE}},
        {S12_SEND_KEY_EXCHANGE, {MSG_SERVER_KEY_EXCHANGE, MSG_NONE}},
        {S12_SEND_REQUEST, {MSG_CERTIFICATE_REQUEST, MSG_NONE}},
        {S12_SEND_DONE, {MSG_SERVER_HELLO_DONE, MSG_NONE}},
        {S12_SEND_FINISHED, {MSG_CHANGE_CIPHER_SPEC, MSG_FINISHED}},
    };
    out[0] = MSG_NONE;
    out[1] = MSG_NONE;
    for (size_t i = 0; i < ARRAY_LEN(sends); i++) {
        if ((int)sends[i].state == state)
            memcpy(out, sends[i].messages, sizeof sends[i].messages);
    }
}

/*
 * Where a row leaves a choice, what decides it: the other state must have been passed before, or
 * must not. Choices that are free (has the client a certificate, does the server staple) have no
 * line.
 */
static const struct {
    enum hs_state from;
    enum hs_state to;
    enum hs_state other;
    bool passed;
} guards[] = {
    {C13_WAIT_FINISHED, C13_STOP_CREDENTIAL, C13_WAIT_CERTIFICATE, true},
    {C13_WAIT_FINISHED, C13_SEND_FINISHED, C13_WAIT_CERTIFICATE, false},
    {C12_STOP_VERDICT, C12_STOP_CREDENTIAL, C12_WAIT_DONE, true},
    {C12_STOP_VERDICT, C12_SEND_KEY_EXCHANGE, C12_WAIT_DONE, false},
    {C12_SEND_KEY_EXCHANGE, C12_SEND_CERTIFICATE_VERIFY, C12_SEND_CERTIFICATE, true},
    {S13_SEND_FINISHED, S13_WAIT_CERTIFICATE, S13_SEND_REQUEST, true},
    {S13_SEND_FINISHED, S13_WAIT_FINISHED, S13_SEND_REQUEST, false},
    {S12_SEND_DONE, S12_WAIT_CERTIFICATE, S12_SEND_REQUEST, true},
    {S12_SEND_DONE, S12_WAIT_KEY_EXCHANGE, S12_SEND_REQUEST, false},
    {S12_WAIT_KEY_EXCHANGE, S12_WAIT_CERTIFICATE_VERIFY, S12_STOP_KEY, true},
    {S12_WAIT_KEY_EXCHANGE, S12_WAIT_CHANGE_CIPHER_SPEC, S12_STOP_KEY, false},
};

static bool permitted(int from, int to, uint64_t passed)
{
    for (size_t i = 0; i < ARRAY_LEN(guards); i++) {
        if ((int)guards[i].from != from || (int)guards[i].to != to)
            continue;
        if (((passed & NEXT(guards[i].other)) != 0) != guards[i].passed)
            return false;
    }
    return true;
}

static void walk_from(const struct machine *m, struct walk *w, int state, uint64_t passed,
                      size_t steps, const char *text);

static void take_row(const struct machine *m, struct walk *w, const struct hs_row *row,
                     uint64_t passed, size_t steps, const char *text)
{
    char longer[PATH_TEXT_MAX];
    memcpy(longer, text, PATH_TEXT_MAX);
    enum msg sent[2];
    machine_sends((int)row->state, sent);
    for (size_t i = 0; i < 2 && sent[i] != MSG_NONE; i++)
        path_put(longer, !m->is_server, sent[i]);
    if (row->message != MSG_NONE)
        path_put(longer, m->is_server, row->message);
    for (int next = 0; next < HS_STATE_COUNT; next++) {
        if ((row->next & NEXT(next)) != 0 && permitted((int)row->state, next, passed))
            walk_from(m, w, next, passed, steps, longer);
    }
}

static void walk_from(const struct machine *m, struct walk *w, int state, uint64_t passed,
                      size_t steps, const char *text)
{
    w->reached |= NEXT(state);
    if (steps > w->longest)
        w->longest = steps;
    if ((passed & NEXT(state)) != 0 || steps > PATH_STEPS_MAX) {
        w->has_cycle = true;
        return;
    }
    if (state == HS_DONE) {
        path_add(&w->paths, text);
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        if ((int)m->rows[i].state == state)
            take_row(m, w, &m->rows[i], passed | NEXT(state), steps + 1, text);
    }
}

void machine_walk(const struct machine *m, struct walk *out)
{
    static const char start[PATH_TEXT_MAX] = "";
    *out = (struct walk){0};
    walk_from(m, out, (int)machine_start(m), 0, 0, start);
}
