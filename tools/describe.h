/* SPDX-License-Identifier: MIT */
/* What an established context says about itself, and certificates in words. */
#ifndef SCHANNEL_TOOLS_DESCRIBE_H
#define SCHANNEL_TOOLS_DESCRIBE_H

#include <stdio.h>

#include <libschannel.h>
#include <schannel.h>

enum { FACTS_MAX = 16 };

/* A parameter of the connection: name for people, key for JSON, value. */
struct fact {
    const char *name;
    const char *key;
    char value[160];
};
struct facts {
    size_t count;
    struct fact list[FACTS_MAX];
};

void facts_of(CtxtHandle *context, struct facts *out);
/* 32 bytes of keying material for the label, in hexadecimal; to compare with the peer's. */
void facts_add_export(CtxtHandle *context, const char *label, struct facts *out);
void facts_print(FILE *to, const struct facts *facts);
/* "key": "value", ... without braces. */
void facts_print_json(FILE *to, const struct facts *facts, const char *indent);
const char *facts_value(const struct facts *facts, const char *key);

/* Names and validity of a certificate; its place in the chain before them. */
void certificate_print(FILE *to, PCCERT_CONTEXT certificate, unsigned index);
void certificate_print_json(FILE *to, PCCERT_CONTEXT certificate);

/* Names and validity of each certificate the peer sent. */
void chain_print(FILE *to, CtxtHandle *context);
void chain_print_json(FILE *to, CtxtHandle *context, const char *indent);

#endif
