/*
 * What the harnesses share. Each is one LLVMFuzzerTestOneInput(): driven by libFuzzer (preset fuzz), or by replay.c
 * over the committed corpus in every other build.
 */
#ifndef NRM_TESTS_FUZZ_H
#define NRM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/utf8.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding, with a word on what it is. libFuzzer keeps the input. */
#define HOLDS(condition)                                                                  \
	do {                                                                              \
		if (!(condition)) {                                                       \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition);                                              \
			abort();                                                          \
		}                                                                         \
	} while (0)

/* An error is told in one line that a terminal can show; it begins with the name of the file (NULL: of any). */
static inline void error_is_a_line(const char *error, const char *name)
{
	HOLDS(*error);
	HOLDS(nrm_utf8_line_ok(nrm_slice_str(error)));
	HOLDS(!name || strncmp(error, name, strlen(name)) == 0);
}

#endif
