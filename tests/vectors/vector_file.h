/* SPDX-License-Identifier: MIT */
/*
 * Reader of vector files: "name = hex" lines; a line that begins with a blank goes on with the
 * value before it; "#" begins a comment. For tests: any trouble ends the program.
 */
#ifndef SCHANNEL_TESTS_VECTOR_FILE_H
#define SCHANNEL_TESTS_VECTOR_FILE_H

#include "util/util.h"

struct vector_file;

struct vector_file *vector_file_read(const char *path);
void vector_file_free(struct vector_file *f);
size_t vector_count(const struct vector_file *f);
const char *vector_name(const struct vector_file *f, size_t i);
bool vector_has(const struct vector_file *f, const char *name);
/* The value of that name, which must exist. */
struct span vector_get(const struct vector_file *f, const char *name);
/* Inverts one bit in the middle of value i, for positive controls; twice restores it. */
void vector_flip(struct vector_file *f, size_t i);

#endif
