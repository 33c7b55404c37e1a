/*
 * A growing byte buffer and a reading cursor: the only way bytes of our own formats are put
 * together and taken apart (hashed strings, sealed rows). Integers are unsigned and big endian.
 *
 * Both remember their first failure, so that a sequence is checked once, at its end.
 */
#ifndef NRM_BASE_BUF_H
#define NRM_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"
#include "proto/base/slice.h"

struct nrm_buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	enum nrm_err err; /* NRM_OK, or what first went wrong; later puts do nothing */
};

/* An empty buffer. Zeroed storage is one too. */
void nrm_buf_init(struct nrm_buf *buf);
/* Frees the bytes. */
void nrm_buf_done(struct nrm_buf *buf);
/* Overwrites the bytes with zeros, then frees them: for anything secret. */
void nrm_buf_wipe(struct nrm_buf *buf);
/* Empties it, keeping its memory. */
void nrm_buf_clear(struct nrm_buf *buf);

/* Makes room for `len` more bytes at once, where the caller knows how many are to come. */
void nrm_buf_reserve(struct nrm_buf *buf, size_t len);
void nrm_buf_put(struct nrm_buf *buf, const void *bytes, size_t len);
void nrm_buf_put_u8(struct nrm_buf *buf, uint8_t v);
void nrm_buf_put_u16(struct nrm_buf *buf, uint16_t v);
void nrm_buf_put_u32(struct nrm_buf *buf, uint32_t v);
void nrm_buf_put_u64(struct nrm_buf *buf, uint64_t v);
/* The string and the zero byte that ends it: domain strings. */
void nrm_buf_put_domain(struct nrm_buf *buf, const char *domain);
/* `len` more bytes for the caller to fill, uninitialised; NULL once the buffer has failed. */
uint8_t *nrm_buf_grow(struct nrm_buf *buf, size_t len);
/* What has been put so far; lives until the next put, clear or done. */
static inline struct nrm_slice nrm_buf_slice(const struct nrm_buf *buf)
{
	return nrm_slice(buf->data, buf->len);
}

struct nrm_reader {
	struct nrm_slice rest;
	bool failed; /* a take went past the end; what it returned was zeros */
};

static inline struct nrm_reader nrm_reader(struct nrm_slice bytes)
{
	return (struct nrm_reader){bytes, false};
}
/* The next `len` bytes, borrowed; an empty slice past the end. */
struct nrm_slice nrm_take(struct nrm_reader *r, size_t len);
/* Copies the next `len` bytes to `out`; zeros past the end. */
void nrm_take_bytes(struct nrm_reader *r, void *out, size_t len);
uint8_t nrm_take_u8(struct nrm_reader *r);
uint16_t nrm_take_u16(struct nrm_reader *r);
uint32_t nrm_take_u32(struct nrm_reader *r);
uint64_t nrm_take_u64(struct nrm_reader *r);
/* NRM_OK when nothing failed and nothing is left over, else NRM_ERR_FORMAT. */
enum nrm_err nrm_reader_end(const struct nrm_reader *r) NRM_MUST_USE;

/* Plain big-endian stores and loads. */
static inline void nrm_store_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline void nrm_store_u32(uint8_t *p, uint32_t v)
{
	nrm_store_u16(p, (uint16_t)(v >> 16));
	nrm_store_u16(p + 2, (uint16_t)v);
}
static inline void nrm_store_u64(uint8_t *p, uint64_t v)
{
	nrm_store_u32(p, (uint32_t)(v >> 32));
	nrm_store_u32(p + 4, (uint32_t)v);
}
static inline uint64_t nrm_load_u64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

#endif
