/* SPDX-License-Identifier: MIT */
/* Reader of vector files. */
#include "vector_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { VECTORS_MAX = 512, NAME_MAX_LEN = 64, LINE_MAX_LEN = 4096 };

struct vector {
    char name[NAME_MAX_LEN];
    uint8_t *bytes;
    size_t n;
};

struct vector_file {
    size_t count;
    struct vector vectors[VECTORS_MAX];
};

static _Noreturn void trouble(const char *what, const char *where)
{
    fprintf(stderr, "vector file: %s: %s\n", what, where);
    exit(1);
}

static unsigned hex_digit(char c, const char *line)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a' + 10);
    trouble("not hexadecimal", line);
}

static void append_hex(struct vector *v, const char *hex, const char *line)
{
    while (*hex != 0 && *hex != '\n') {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        if (v->n % 64 == 0) {
            uint8_t *more = realloc(v->bytes, v->n + 64);
            if (more == NULL)
                trouble("no memory", line);
            v->bytes = more;
        }
        v->bytes[v->n++] = (uint8_t)(hex_digit(hex[0], line) << 4 | hex_digit(hex[1], line));
        hex += 2;
    }
}

static struct vector *begin(struct vector_file *f, const char *line, const char *equals)
{
    size_t n = (size_t)(equals - line);
    while (n > 0 && line[n - 1] == ' ')
        n--;
    if (f->count == VECTORS_MAX || n == 0 || n >= NAME_MAX_LEN)
        trouble("a bad name, or too many", line);
    struct vector *v = &f->vectors[f->count++];
    memcpy(v->name, line, n);
    return v;
}

static void take_line(struct vector_file *f, const char *line)
{
    if (line[0] == '#' || line[0] == '\n')
        return;
    if (line[0] == ' ') {
        if (f->count == 0)
            trouble("a value without a name", line);
        append_hex(&f->vectors[f->count - 1], line, line);
        return;
    }
    const char *equals = strchr(line, '=');
    if (equals == NULL)
        trouble("no '='", line);
    append_hex(begin(f, line, equals), equals + 1, line);
}

struct vector_file *vector_file_read(const char *path)
{
    char line[LINE_MAX_LEN];
    struct vector_file *f = calloc(1, sizeof *f);
    FILE *file = fopen(path, "r");
    if (f == NULL || file == NULL)
        trouble("cannot be read", path);
    while (fgets(line, sizeof line, file) != NULL)
        take_line(f, line);
    fclose(file);
    return f;
}

void vector_file_free(struct vector_file *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->vectors[i].bytes);
    free(f);
}

size_t vector_count(const struct vector_file *f)
{
    return f->count;
}

const char *vector_name(const struct vector_file *f, size_t i)
{
    return f->vectors[i].name;
}

static const struct vector *find(const struct vector_file *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(f->vectors[i].name, name) == 0)
            return &f->vectors[i];
    }
    return NULL;
}

bool vector_has(const struct vector_file *f, const char *name)
{
    return find(f, name) != NULL;
}

struct span vector_get(const struct vector_file *f, const char *name)
{
    const struct vector *v = find(f, name);
    if (v == NULL)
        trouble("no such value", name);
    return span_of(v->bytes, v->n);
}

void vector_flip(struct vector_file *f, size_t i)
{
    struct vector *v = &f->vectors[i];
    if (v->n == 0)
        trouble("an empty value", v->name);
    v->bytes[v->n / 2] ^= 1;
}
