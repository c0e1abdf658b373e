/* SPDX-License-Identifier: MIT */
#include "flow.h"

#include <assert.h>
#include <stdio.h>

/* Circumstances. */
enum {
    RETRIED = 1 << 0, /* the server asks for another share */
    ASKED = 1 << 1,   /* the server asks for a certificate */
    HAS_ONE = 1 << 2, /* and the client has one */
    STAPLED = 1 << 3, /* TLS 1.2: the server sends CertificateStatus */
    CIRCUMSTANCES = 16
};

struct step {
    bool by_client;
    enum msg message;
    unsigned when; /* all of these; 0 = always */
};

/* RFC 8446 2, figure 1, with 4.1.4; no pre-shared keys, no early data. */
static const struct step flow13[] = {
    {true, MSG_CLIENT_HELLO, 0},
    {false, MSG_HELLO_RETRY_REQUEST, RETRIED},
    {true, MSG_CLIENT_HELLO, RETRIED},
    {false, MSG_SERVER_HELLO_13, 0},
    {false, MSG_ENCRYPTED_EXTENSIONS, 0},
    {false, MSG_CERTIFICATE_REQUEST, ASKED},
    {false, MSG_CERTIFICATE, 0},
    {false, MSG_CERTIFICATE_VERIFY, 0},
    {false, MSG_FINISHED, 0},
    {true, MSG_CERTIFICATE, ASKED},
    {true, MSG_CERTIFICATE_VERIFY, ASKED | HAS_ONE},
    {true, MSG_FINISHED, 0},
};

/* RFC 5246 7.3, figure 1, with ServerKeyExchange of RFC 8422 and CertificateStatus of RFC 6066. */
static const struct step flow12[] = {
    {true, MSG_CLIENT_HELLO, 0},         {false, MSG_SERVER_HELLO_12, 0},
    {false, MSG_CERTIFICATE, 0},         {false, MSG_CERTIFICATE_STATUS, STAPLED},
    {false, MSG_SERVER_KEY_EXCHANGE, 0}, {false, MSG_CERTIFICATE_REQUEST, ASKED},
    {false, MSG_SERVER_HELLO_DONE, 0},   {true, MSG_CERTIFICATE, ASKED},
    {true, MSG_CLIENT_KEY_EXCHANGE, 0},  {true, MSG_CERTIFICATE_VERIFY, ASKED | HAS_ONE},
    {true, MSG_CHANGE_CIPHER_SPEC, 0},   {true, MSG_FINISHED, 0},
    {false, MSG_CHANGE_CIPHER_SPEC, 0},  {false, MSG_FINISHED, 0},
};

/* RFC 8446 4 and 5.1; RFC 5246 7.1. In TLS 1.2 an own record behind ServerHelloDone, and before
 * change_cipher_spec, is what a sane peer sends, and all that we take. */
static const struct flow_rule rules[] = {
    {MSG_SERVER_HELLO_13, TLS_VERSION_13, TLS_LEVEL_INITIAL, true},
    {MSG_HELLO_RETRY_REQUEST, TLS_VERSION_13, TLS_LEVEL_INITIAL, false},
    {MSG_ENCRYPTED_EXTENSIONS, TLS_VERSION_13, TLS_LEVEL_HANDSHAKE, false},
    {MSG_CERTIFICATE_REQUEST, TLS_VERSION_13, TLS_LEVEL_HANDSHAKE, false},
    {MSG_CERTIFICATE, TLS_VERSION_13, TLS_LEVEL_HANDSHAKE, false},
    {MSG_CERTIFICATE_VERIFY, TLS_VERSION_13, TLS_LEVEL_HANDSHAKE, false},
    {MSG_FINISHED, TLS_VERSION_13, TLS_LEVEL_HANDSHAKE, true},
    {MSG_SERVER_HELLO_12, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_CERTIFICATE, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_CERTIFICATE_STATUS, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_SERVER_KEY_EXCHANGE, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_CERTIFICATE_REQUEST, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_SERVER_HELLO_DONE, TLS_VERSION_12, TLS_LEVEL_INITIAL, true},
    {MSG_CLIENT_KEY_EXCHANGE, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_CERTIFICATE_VERIFY, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_CHANGE_CIPHER_SPEC, TLS_VERSION_12, TLS_LEVEL_INITIAL, false},
    {MSG_FINISHED, TLS_VERSION_12, TLS_LEVEL_APPLICATION, true},
};

const struct flow_rule *flow_rule_of(enum msg message, uint16_t version)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (rules[i].message == message && rules[i].version == version)
            return &rules[i];
    }
    return NULL;
}

const char *flow_message_name(enum msg message)
{
    if (message == MSG_SERVER_HELLO_12)
        return "ServerHello (1.2)";
    if (message == MSG_SERVER_HELLO_13)
        return "ServerHello (1.3)";
    if (message == MSG_HELLO_RETRY_REQUEST)
        return "HelloRetryRequest";
    if (message == MSG_CHANGE_CIPHER_SPEC)
        return "change_cipher_spec";
    return tls_message_name((unsigned)message);
}

bool path_has(const struct path_set *set, const char *text)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->text[i], text) == 0)
            return true;
    }
    return false;
}

void path_add(struct path_set *set, const char *text)
{
    if (path_has(set, text))
        return;
    assert(set->count < PATHS_MAX);
    snprintf(set->text[set->count++], PATH_TEXT_MAX, "%s", text);
}

void path_put(char text[PATH_TEXT_MAX], bool by_client, enum msg message)
{
    size_t n = strlen(text);
    int more = snprintf(text + n, PATH_TEXT_MAX - n, "%s%c %s", n != 0 ? " " : "",
                        by_client ? '>' : '<', flow_message_name(message));
    assert(more > 0 && n + (size_t)more < PATH_TEXT_MAX);
}

void flow_paths(uint16_t version, struct path_set *out)
{
    bool is_tls13 = version == TLS_VERSION_13;
    const struct step *steps = is_tls13 ? flow13 : flow12;
    size_t count = is_tls13 ? ARRAY_LEN(flow13) : ARRAY_LEN(flow12);
    for (unsigned now = 0; now < CIRCUMSTANCES; now++) {
        char text[PATH_TEXT_MAX] = "";
        for (size_t i = 0; i < count; i++) {
            if ((steps[i].when & now) == steps[i].when)
                path_put(text, steps[i].by_client, steps[i].message);
        }
        path_add(out, text);
    }
}
