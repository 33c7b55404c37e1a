#include "proto/base/buf.h"

#include <stdlib.h>
#include <string.h>

void nrm_buf_init(struct nrm_buf *buf)
{
	*buf = (struct nrm_buf){0};
}

void nrm_buf_done(struct nrm_buf *buf)
{
	free(buf->data);
	nrm_buf_init(buf);
}

void nrm_buf_wipe(struct nrm_buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->cap);
	nrm_buf_done(buf);
}

void nrm_buf_clear(struct nrm_buf *buf)
{
	buf->len = 0;
	buf->err = NRM_OK;
}

/* Grows by moving, and wipes what it leaves behind: a buffer may hold a secret. */
static enum nrm_err reserve(struct nrm_buf *buf, size_t len)
{
	if (len > SIZE_MAX / 4 - buf->len)
		return NRM_ERR_LIMIT;
	if (buf->data && buf->len + len <= buf->cap) /* what is grown by nothing has a place, too */
		return NRM_OK;

	size_t cap = buf->cap ? buf->cap * 2 : 256;
	while (cap < buf->len + len)
		cap *= 2;
	uint8_t *data = malloc(cap);
	if (!data)
		return NRM_ERR_NOMEM;
	if (buf->len)
		memcpy(data, buf->data, buf->len);
	if (buf->data)
		explicit_bzero(buf->data, buf->cap);
	free(buf->data);
	buf->data = data;
	buf->cap = cap;
	return NRM_OK;
}

void nrm_buf_reserve(struct nrm_buf *buf, size_t len)
{
	if (buf->err == NRM_OK)
		buf->err = reserve(buf, len);
}

uint8_t *nrm_buf_grow(struct nrm_buf *buf, size_t len)
{
	if (buf->err == NRM_OK)
		buf->err = reserve(buf, len);
	if (buf->err != NRM_OK)
		return NULL;
	buf->len += len;
	return buf->data + buf->len - len;
}

void nrm_buf_put(struct nrm_buf *buf, const void *bytes, size_t len)
{
	uint8_t *p = nrm_buf_grow(buf, len);

	if (p && len)
		memcpy(p, bytes, len);
}

void nrm_buf_put_u8(struct nrm_buf *buf, uint8_t v)
{
	nrm_buf_put(buf, &v, 1);
}

void nrm_buf_put_u16(struct nrm_buf *buf, uint16_t v)
{
	uint8_t b[2];

	nrm_store_u16(b, v);
	nrm_buf_put(buf, b, sizeof(b));
}

void nrm_buf_put_u32(struct nrm_buf *buf, uint32_t v)
{
	uint8_t b[4];

	nrm_store_u32(b, v);
	nrm_buf_put(buf, b, sizeof(b));
}

void nrm_buf_put_u64(struct nrm_buf *buf, uint64_t v)
{
	uint8_t b[8];

	nrm_store_u64(b, v);
	nrm_buf_put(buf, b, sizeof(b));
}

void nrm_buf_put_domain(struct nrm_buf *buf, const char *domain)
{
	nrm_buf_put(buf, domain, strlen(domain) + 1);
}

struct nrm_slice nrm_take(struct nrm_reader *r, size_t len)
{
	if (r->failed || len > r->rest.len) {
		r->failed = true;
		return nrm_slice(NULL, 0);
	}
	struct nrm_slice taken = nrm_slice(r->rest.data, len);
	r->rest = nrm_slice(r->rest.data + len, r->rest.len - len);
	return taken;
}

void nrm_take_bytes(struct nrm_reader *r, void *out, size_t len)
{
	struct nrm_slice taken = nrm_take(r, len);

	if (taken.len == len && len)
		memcpy(out, taken.data, len);
	else
		memset(out, 0, len);
}

static uint64_t take_uint(struct nrm_reader *r, size_t width)
{
	struct nrm_slice taken = nrm_take(r, width);
	uint64_t v = 0;

	for (size_t i = 0; i < taken.len; i++)
		v = v << 8 | taken.data[i];
	return v;
}

uint8_t nrm_take_u8(struct nrm_reader *r)
{
	return (uint8_t)take_uint(r, 1);
}

uint16_t nrm_take_u16(struct nrm_reader *r)
{
	return (uint16_t)take_uint(r, 2);
}

uint32_t nrm_take_u32(struct nrm_reader *r)
{
	return (uint32_t)take_uint(r, 4);
}

uint64_t nrm_take_u64(struct nrm_reader *r)
{
	return take_uint(r, 8);
}

enum nrm_err nrm_reader_end(const struct nrm_reader *r)
{
	return !r->failed && r->rest.len == 0 ? NRM_OK : NRM_ERR_FORMAT;
}
