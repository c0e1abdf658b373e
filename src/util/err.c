/* SPDX-License-Identifier: MIT */
/* Names and sentences of the error reasons, and the last place one was raised. */
#include "util/err.h"

#define ERR_NAME_ENTRY(name, text) [name] = #name,
#define ERR_TEXT_ENTRY(name, text) [name] = text,
static const char *const err_names[ERR_COUNT] = {ERR_LIST(ERR_NAME_ENTRY)};
static const char *const err_texts[ERR_COUNT] = {ERR_LIST(ERR_TEXT_ENTRY)};

static _Thread_local struct err_place last_place;

const char *err_name(err code)
{
    return (unsigned)code < ERR_COUNT ? err_names[code] : "ERR_UNKNOWN";
}

const char *err_text(err code)
{
    return (unsigned)code < ERR_COUNT ? err_texts[code] : "an unknown error";
}

const struct err_place *err_last_place(void)
{
    return &last_place;
}

err err_raise(err code, const char *function, int line)
{
    last_place = (struct err_place){.function = function, .line = line, .code = code};
    return code;
}
