/*
 * A folder of a test's own under /tmp, gone at its end with all that is in it.
 */
#ifndef NRM_TESTS_FOLDER_H
#define NRM_TESTS_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <ftw.h>

#include "proto/base/file.h"

static char test_folder[] = "/tmp/nrm-test-XXXXXX";

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void folder_make(void)
{
	snprintf(test_folder, sizeof(test_folder), "/tmp/nrm-test-XXXXXX");
	assert_non_null(mkdtemp(test_folder));
}

static inline void folder_remove(void)
{
	assert_int_equal(nftw(test_folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* A path in it; four may be in use at once. */
static inline const char *in_folder(const char *name)
{
	static char path[4][512];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", test_folder, name);
	return p;
}

static inline void write_text(const char *name, const char *text)
{
	assert_int_equal(nrm_file_replace(in_folder(name), 0644, nrm_slice_str(text)), NRM_OK);
}

/* A file's text, to be freed. */
static inline char *read_text(const char *name)
{
	FILE *file = fopen(in_folder(name), "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_non_null(text);
	size_t len = fread(text, 1, 65535, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

#endif
