/* SPDX-License-Identifier: MIT */
/* What a HANDLE of the surface of kernel32 can mean; private to the win room. */
#ifndef SCHANNEL_WIN_HANDLE_H
#define SCHANNEL_WIN_HANDLE_H

#include "win/win.h"

enum win_object { WIN_FILE = 1, WIN_FIND, WIN_EVENT, WIN_THREAD };

/* The handle owns the object from here on; NULL without memory, and then it does not. */
HANDLE win_handle_add(enum win_object kind, void *object) MUST_USE;
/* The object, kept until win_handle_put; NULL when the handle means none of this kind. */
void *win_handle_get(enum win_object kind, HANDLE handle) MUST_USE;
void win_handle_put(HANDLE handle);
/* False when the handle means none of this kind. */
bool win_handle_close(enum win_object kind, HANDLE handle) MUST_USE;

/* What is done with an object when its last user has gone. */
void win_file_free(void *object);
void win_find_free(void *object);
void win_waitable_free(void *object);

/* The Windows number of an errno value. */
DWORD win_error_from_errno(int number);
/* A path with slashes, from mem_alloc; NULL with the last error set (also for NULL). */
char *win_path(const char *path) MUST_USE;
char *win_path_w(const WCHAR *path) MUST_USE;

#endif
