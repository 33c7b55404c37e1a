#include "proto/wire/pack.h"

enum { VARINT = 0, BYTES = 2 };

static size_t varint_size(uint64_t v)
{
	size_t n = 1;

	while (v >>= 7)
		n++;
	return n;
}

static size_t tag_size(unsigned member)
{
	return member < 16 ? 1 : 2; /* no message here has a member over 2,047 */
}

size_t nrm_number_size(unsigned member, uint64_t v)
{
	return v ? tag_size(member) + varint_size(v) : 0;
}

size_t nrm_message_size(unsigned member, size_t len)
{
	return tag_size(member) + varint_size(len) + len;
}

size_t nrm_bytes_size(unsigned member, struct nrm_slice bytes)
{
	return bytes.len ? nrm_message_size(member, bytes.len) : 0;
}

static size_t count(nrm_mask mask)
{
	return (size_t)__builtin_popcountll(mask);
}

size_t nrm_mask_size(unsigned member, nrm_mask mask)
{
	return mask ? nrm_message_size(member, count(mask)) : 0;
}

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

/* A tag and a number: the number's own value, or the length of what follows. */
static void put(struct nrm_buf *out, unsigned member, unsigned type, uint64_t v)
{
	uint8_t bytes[2 + 10], *p = put_varint(bytes, member << 3 | type);

	p = put_varint(p, v);
	nrm_buf_put(out, bytes, (size_t)(p - bytes));
}

void nrm_pack_number(struct nrm_buf *out, unsigned member, uint64_t v)
{
	if (v)
		put(out, member, VARINT, v);
}

void nrm_pack_head(struct nrm_buf *out, unsigned member, size_t len)
{
	put(out, member, BYTES, len);
}

void nrm_pack_bytes(struct nrm_buf *out, unsigned member, struct nrm_slice bytes)
{
	if (bytes.len == 0)
		return;
	nrm_pack_head(out, member, bytes.len);
	nrm_buf_put(out, bytes.data, bytes.len);
}

void nrm_pack_mask(struct nrm_buf *out, unsigned member, nrm_mask mask)
{
	if (mask == 0)
		return;
	nrm_pack_head(out, member, count(mask));
	for (; mask; mask &= mask - 1)
		nrm_buf_put_u8(out, (uint8_t)__builtin_ctzll(mask));
}

static size_t proof_size(const struct nrm_proof *proof)
{
	size_t size = nrm_number_size(1, proof->size) + nrm_number_size(2, proof->index) +
		      nrm_bytes_size(4, proof->signature);

	for (size_t i = 0; i < proof->path.n; i++)
		size += nrm_message_size(3, proof->path.item[i].len);
	return size;
}

void nrm_pack_proof(struct nrm_buf *out, unsigned member, const struct nrm_proof *proof)
{
	nrm_pack_head(out, member, proof_size(proof));
	nrm_pack_number(out, 1, proof->size);
	nrm_pack_number(out, 2, proof->index);
	for (size_t i = 0; i < proof->path.n; i++) {
		nrm_pack_head(out, 3, proof->path.item[i].len);
		nrm_buf_put(out, proof->path.item[i].data, proof->path.item[i].len);
	}
	nrm_pack_bytes(out, 4, proof->signature);
}
