/* SPDX-License-Identifier: MIT */
/*
 * Folders whose files decide who is trusted. Owner and mode of every folder and file are looked at
 * on the open descriptor; links are not followed; writing is a temporary file that takes the name.
 */
#ifndef SCHANNEL_CRYPT32_FOLDER_H
#define SCHANNEL_CRYPT32_FOLDER_H

#include <time.h>

#include "win/win.h"

enum { FOLDER_NAME_MAX = 255, FOLDER_PATH_MAX = 1024, FOLDER_DEPTH_MAX = 4 };

enum folder_owner {
    FOLDER_USER,   /* belongs to this user alone */
    FOLDER_MACHINE /* belongs to root, or to this user, who could do anything anyway */
};

struct folder_path {
    char base[FOLDER_PATH_MAX]; /* taken as it is; "" : there is none */
    const char *parts[FOLDER_DEPTH_MAX];
    size_t part_count;
    enum folder_owner owner;
};

/* What tells one state of a folder from another. */
struct folder_stamp {
    uint64_t device;
    uint64_t inode;
    struct timespec changed;
    bool is_there;
    bool may_change_unseen; /* changed so lately that the next change might have the same time */
};

/* A descriptor, or -1 and the last error in *out_error. With `makes`, what is missing is made. */
int folder_open(const struct folder_path *path, bool makes, DWORD *out_error);
struct folder_stamp folder_stamp(const struct folder_path *path);
bool folder_same(const struct folder_stamp *a, const struct folder_stamp *b);

/* Whether a file is there, of whatever kind. */
bool folder_has(int folder, const char *name);
/* Calls for each name that does not begin with a dot, in order. ERR_NO_MEMORY, or the caller's. */
err folder_each(int folder, err (*visit)(int folder, const char *name, void *arg),
                void *arg) MUST_USE;
/* A secret must be closed to everybody else. ERR_NOT_AVAILABLE: not there, or not to be used. */
err folder_read(int folder, const char *name, enum folder_owner owner, bool is_secret, size_t max,
                struct buf *out) MUST_USE;
/* 0, or the last error. */
DWORD folder_write(int folder, const char *name, struct span bytes, bool is_secret);
/* The same for a file anywhere, in a folder that is taken as it is. */
DWORD file_write(const char *path, struct span bytes, bool is_secret);
/* What is not there is removed. */
DWORD folder_remove(int folder, const char *name);
/* Every file with one of the suffixes, then the folder itself. */
DWORD folder_delete(const struct folder_path *path, const char *const *suffixes, size_t count);
DWORD folder_error(int number);

#endif
