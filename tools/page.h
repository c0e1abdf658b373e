/* SPDX-License-Identifier: MIT */
/* The server's answers over HTTP/1.1. */
#ifndef SCHANNEL_TOOLS_PAGE_H
#define SCHANNEL_TOOLS_PAGE_H

#include <stdbool.h>

#include "describe.h"

/* Whether the request's head is complete. */
bool page_request_complete(const char *request, size_t n);
/* The response to a complete request head, to be freed; NULL without memory. */
char *page_response(const char *request, const struct facts *facts, size_t *out_len);

#endif
