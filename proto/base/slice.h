/*
 * Borrowed bytes. A slice owns nothing; whoever hands one out says how long it lives.
 */
#ifndef NRM_BASE_SLICE_H
#define NRM_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct nrm_slice {
	const uint8_t *data; /* may be NULL when len is 0 */
	size_t len;
};

static inline struct nrm_slice nrm_slice(const void *data, size_t len)
{
	return (struct nrm_slice){(const uint8_t *)data, len};
}

/* The bytes of a C string without its terminator; "" for NULL. */
static inline struct nrm_slice nrm_slice_str(const char *s)
{
	return nrm_slice(s, s ? strlen(s) : 0);
}

static inline bool nrm_slice_equal(struct nrm_slice a, struct nrm_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Byte-string order: negative, zero or positive as a sorts before, with or after b. */
static inline int nrm_slice_compare(struct nrm_slice a, struct nrm_slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.data, b.data, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

#endif
