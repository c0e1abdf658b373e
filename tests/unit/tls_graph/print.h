/* SPDX-License-Identifier: MIT */
/* The tables as text, for docs/HANDSHAKE.md and for graphviz. */
#ifndef SCHANNEL_TESTS_GRAPH_PRINT_H
#define SCHANNEL_TESTS_GRAPH_PRINT_H

#include <stdio.h>

#include "machine.h"

void print_markdown(FILE *out);
void print_dot(FILE *out);
/* True when the generated part of the file is what print_markdown writes. */
bool print_matches(const char *path);

#endif
