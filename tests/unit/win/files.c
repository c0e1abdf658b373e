/* SPDX-License-Identifier: MIT */
/* Files as programs read certificates with them: opening, reading, sizes, listing a folder, errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "win/win.h"

static char folder[64];
static char path[256];
static WCHAR wide_path[256];

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s\\%s", folder, name);
    return path;
}

static LPCWSTR wide_in_folder(const char *name)
{
    assert_int_not_equal(MultiByteToWideChar(CP_UTF8, 0, in_folder(name), -1, wide_path, 256), 0);
    return wide_path;
}

static HANDLE open_to_read(const char *name)
{
    return CreateFileA(in_folder(name), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                       FILE_ATTRIBUTE_NORMAL, NULL);
}

static void make(const char *name, const char *text)
{
    DWORD n = 0;
    HANDLE file = CreateFileA(in_folder(name), GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, text, (DWORD)strlen(text), &n, NULL));
    assert_int_equal(n, strlen(text));
    assert_true(CloseHandle(file));
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "win_files_%s",
             "XXXX"
             "XX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    char text[16] = {0};
    DWORD n = 99;
    LARGE_INTEGER size;
    make("a.pem", "hello");
    HANDLE file = open_to_read("a.pem");
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(GetFileSizeEx(file, &size));
    assert_int_equal(size.QuadPart, 5);
    assert_int_equal(GetFileSize(file, NULL), 5);
    assert_int_equal(GetFileType(file), FILE_TYPE_DISK);
    assert_true(ReadFile(file, text, sizeof text, &n, NULL));
    assert_int_equal(n, 5);
    assert_string_equal(text, "hello");
    assert_true(ReadFile(file, text, sizeof text, &n, NULL));
    assert_int_equal(n, 0);
    assert_true(CloseHandle(file));
}

static void the_place_can_be_chosen(void **state)
{
    (void)state;
    char text[4] = {0};
    DWORD n;
    LARGE_INTEGER place;
    LARGE_INTEGER back = {.QuadPart = -2};
    make("b", "0123456789");
    HANDLE file = open_to_read("b");
    assert_int_equal(SetFilePointer(file, 4, NULL, FILE_BEGIN), 4);
    assert_true(ReadFile(file, text, 3, &n, NULL));
    assert_string_equal(text, "456");
    assert_true(SetFilePointerEx(file, back, &place, FILE_END));
    assert_int_equal(place.QuadPart, 8);
    OVERLAPPED at = {.Offset = 1};
    assert_true(ReadFile(file, text, 2, NULL, &at));
    assert_int_equal(at.InternalHigh, 2);
    assert_memory_equal(text, "12", 2);
    at.Offset = 10;
    assert_false(ReadFile(file, text, 2, &n, &at));
    assert_int_equal(GetLastError(), ERROR_HANDLE_EOF);
    assert_int_equal(SetFilePointer(file, -1, NULL, FILE_BEGIN), INVALID_SET_FILE_POINTER);
    assert_int_not_equal(GetLastError(), ERROR_SUCCESS);
    CloseHandle(file);
}

static void dispositions(void **state)
{
    (void)state;
    static const struct {
        DWORD disposition;
        bool is_there;
        DWORD error; /* 0: it opens */
        DWORD success;
    } rows[] = {
        {CREATE_NEW, true, ERROR_FILE_EXISTS, 0},
        {CREATE_NEW, false, 0, 77},
        {CREATE_ALWAYS, true, 0, ERROR_ALREADY_EXISTS},
        {CREATE_ALWAYS, false, 0, ERROR_SUCCESS},
        {OPEN_EXISTING, true, 0, 77},
        {OPEN_EXISTING, false, ERROR_FILE_NOT_FOUND, 0},
        {OPEN_ALWAYS, true, 0, ERROR_ALREADY_EXISTS},
        {OPEN_ALWAYS, false, 0, ERROR_SUCCESS},
        {TRUNCATE_EXISTING, true, 0, 77},
        {TRUNCATE_EXISTING, false, ERROR_FILE_NOT_FOUND, 0},
        {9, true, ERROR_INVALID_PARAMETER, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].is_there)
            make("d", "x");
        else
            unlink((snprintf(path, sizeof path, "%s/d", folder), path));
        SetLastError(77);
        HANDLE file = CreateFileW(wide_in_folder("d"), GENERIC_READ | GENERIC_WRITE, 0, NULL,
                                  rows[i].disposition, 0, NULL);
        assert_int_equal(file != INVALID_HANDLE_VALUE, rows[i].error == 0);
        assert_int_equal(GetLastError(), rows[i].error != 0 ? rows[i].error : rows[i].success);
        if (file != INVALID_HANDLE_VALUE)
            assert_true(CloseHandle(file));
    }
}

static void what_does_not_open(void **state)
{
    (void)state;
    assert_ptr_equal(open_to_read("none\\x"), INVALID_HANDLE_VALUE);
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    assert_ptr_equal(open_to_read("."), INVALID_HANDLE_VALUE);
    assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
    assert_ptr_equal(CreateFileA(NULL, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL),
                     INVALID_HANDLE_VALUE);
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    make("o", "");
    assert_ptr_equal(CreateFileA(in_folder("o"), GENERIC_READ, 0, NULL, OPEN_EXISTING,
                                 FILE_FLAG_OVERLAPPED, NULL),
                     INVALID_HANDLE_VALUE);
    assert_int_equal(GetLastError(), ERROR_NOT_SUPPORTED);
    mem_fail_at(1, true);
    assert_ptr_equal(open_to_read("o"), INVALID_HANDLE_VALUE);
    mem_fail_at(0, false);
    assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
}

static void a_handle_ends_once(void **state)
{
    (void)state;
    DWORD n;
    char byte;
    make("h", "x");
    HANDLE file = open_to_read("h");
    assert_false(FindClose(file));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_false(WriteFile(file, "y", 1, &n, NULL));
    assert_int_equal(GetLastError(), ERROR_ACCESS_DENIED);
    assert_false(ReadFile(file, NULL, 1, &n, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_true(CloseHandle(file));
    assert_false(CloseHandle(file));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_false(ReadFile(file, &byte, 1, &n, NULL));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_int_equal(GetFileSize(file, NULL), INVALID_FILE_SIZE);
    assert_false(CloseHandle(NULL));
    assert_false(CloseHandle(INVALID_HANDLE_VALUE));
}

static void attributes(void **state)
{
    (void)state;
    make("t", "");
    assert_int_equal(GetFileAttributesA(in_folder("t")), FILE_ATTRIBUTE_NORMAL);
    assert_int_equal(GetFileAttributesW(wide_in_folder(".")), FILE_ATTRIBUTE_DIRECTORY);
    assert_int_equal(GetFileAttributesA(in_folder("nowhere")), INVALID_FILE_ATTRIBUTES);
    assert_int_equal(GetLastError(), ERROR_FILE_NOT_FOUND);
    snprintf(path, sizeof path, "%s/t", folder);
    chmod(path, 0400);
    assert_int_equal(GetFileAttributesA(path), FILE_ATTRIBUTE_READONLY);
}

/* The number of names that fit, each of them with its size. */
static int count(const char *pattern)
{
    WIN32_FIND_DATAA found;
    int n = 0;
    HANDLE find = FindFirstFileA(in_folder(pattern), &found);
    if (find == INVALID_HANDLE_VALUE)
        return -(int)GetLastError();
    do {
        if (strstr(found.cFileName, ".crt") != NULL)
            assert_int_equal(found.nFileSizeLow, strlen(found.cFileName));
        n++;
    } while (FindNextFileA(find, &found));
    assert_int_equal(GetLastError(), ERROR_NO_MORE_FILES);
    assert_true(FindClose(find));
    return n;
}

static void a_folder_is_listed(void **state)
{
    (void)state;
    WIN32_FIND_DATAW wide;
    make("root.crt", "root.crt");
    make("ROOT2.CRT", "ROOT2.CRT");
    make("other.crt", "other.crt");
    assert_int_equal(count("*.crt"), 3);
    assert_int_equal(count("r*.crt"), 2);
    assert_int_equal(count("root?.crt"), 1);
    assert_int_equal(count("other.crt"), 1);
    assert_int_equal(count("*t*r*.c*t"), 1);
    assert_int_equal(count("*.none"), -ERROR_FILE_NOT_FOUND);
    assert_int_equal(count("nowhere\\*"), -ERROR_PATH_NOT_FOUND);
    assert_int_equal(count("*.*"), count("*"));
    assert_true(count("*") >= 5); /* with . and .. */
    HANDLE find = FindFirstFileW(wide_in_folder("oth*"), &wide);
    assert_ptr_not_equal(find, INVALID_HANDLE_VALUE);
    assert_int_equal(schannel_wcscmp(wide.cFileName, SCHANNEL_WIDE("other.crt")), 0);
    assert_int_equal(wide.dwFileAttributes, FILE_ATTRIBUTE_NORMAL);
    assert_false(FindNextFileW(find, &wide));
    assert_false(CloseHandle(find));
    assert_true(FindClose(find));
    assert_false(FindClose(find));
    assert_false(FindNextFileW(find, &wide));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
}

/* Every allocation of the way fails once; nothing is left over. */
static void without_memory_nothing_is_left(void **state)
{
    (void)state;
    WIN32_FIND_DATAW found;
    make("m", "");
    wide_in_folder("m*");
    int64_t before = mem_live();
    HANDLE find = INVALID_HANDLE_VALUE;
    for (uint64_t n = 1; find == INVALID_HANDLE_VALUE; n++) {
        mem_fail_at(n, false);
        find = FindFirstFileW(wide_path, &found);
        mem_fail_at(0, false);
        if (find == INVALID_HANDLE_VALUE) {
            assert_int_equal(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
            assert_int_equal(mem_live(), before);
        }
        assert_true(n < 20);
    }
    assert_true(FindClose(find));
    assert_int_equal(mem_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_place_can_be_chosen),
        cmocka_unit_test(dispositions),
        cmocka_unit_test(what_does_not_open),
        cmocka_unit_test(a_handle_ends_once),
        cmocka_unit_test(attributes),
        cmocka_unit_test(a_folder_is_listed),
        cmocka_unit_test(without_memory_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
