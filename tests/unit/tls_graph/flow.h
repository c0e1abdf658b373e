/* SPDX-License-Identifier: MIT */
/*
 * The RFCs' handshakes as flows: lists of messages in their order, each with the circumstances
 * under which it is there. Written from RFC 8446 figure 1 and appendix A, RFC 5246 7.3, RFC 8422 2
 * and RFC 6066 8, without a look at the engine's tables; the other form of the same graph.
 */
#ifndef SCHANNEL_TESTS_FLOW_H
#define SCHANNEL_TESTS_FLOW_H

#include "tls/internal.h"

enum { PATH_STEPS_MAX = 32, PATH_TEXT_MAX = 512, PATHS_MAX = 64 };

/* Message sequences as text: "> ClientHello < ServerHello ...", > from the client. */
struct path_set {
    size_t count;
    char text[PATHS_MAX][PATH_TEXT_MAX];
};

void path_add(struct path_set *set, const char *text);
bool path_has(const struct path_set *set, const char *text);
/* Appends one message to a path. */
void path_put(char text[PATH_TEXT_MAX], bool by_client, enum msg message);

/* Names of the kinds that the state machine tells apart. */
const char *flow_message_name(enum msg message);

/* All full handshakes of a version. */
void flow_paths(uint16_t version, struct path_set *out);

/* What the RFCs say of a message that is received: its keys, and whether a key change follows. */
struct flow_rule {
    enum msg message;
    uint16_t version;
    enum tls_level level;
    bool ends_record;
};
const struct flow_rule *flow_rule_of(enum msg message, uint16_t version);

#endif
