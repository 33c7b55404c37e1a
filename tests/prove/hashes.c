/*
 * What is not analysed: OpenSSL's hash, which reads all that it is given and writes any hash; the buffer, which takes
 * bytes or fails; compiler built-ins, by what they compute.
 */
#include "tests/prove/hashes.h"

#include "proto/base/buf.h"

/* States are kept apart by these: where a tree was last split, and whether its store last knew a hash. */
int top_bit;
bool found;

struct nrm_hash any_hash(void)
{
	struct nrm_hash h;

	any_bytes(&h, sizeof(h));
	return h;
}

enum nrm_err any_node(void *from, unsigned level, uint64_t index, struct nrm_hash *out)
{
	(void)from, (void)index;
	//@ assert level < 64;
	found = any_bool();
	if (!found)
		return (enum nrm_err)any_between(NRM_ERR_NOMEM, NRM_ERR_AGAIN);
	*out = any_hash();
	return NRM_OK;
}

/* One byte of them stands for each: an alarm unless all can be read. */
static void read_all(const uint8_t *bytes, size_t len)
{
	volatile uint8_t seen;

	if (len > 0)
		seen = bytes[any_between(0, len - 1)];
}

void nrm_sha256(const struct nrm_slice *parts, size_t n, uint8_t out[static NRM_HASH_LEN])
{
	for (size_t i = 0; i < n; i++)
		read_all(parts[i].data, parts[i].len);
	any_bytes(out, NRM_HASH_LEN);
}

void nrm_sha256_one(struct nrm_slice bytes, uint8_t out[static NRM_HASH_LEN])
{
	nrm_sha256(&bytes, 1, out);
}

void nrm_buf_put(struct nrm_buf *buf, const void *bytes, size_t len)
{
	read_all(bytes, len);
	if (any_bool())
		buf->err = NRM_ERR_NOMEM;
	else
		buf->len += len;
}

void nrm_buf_done(struct nrm_buf *buf)
{
	*buf = (struct nrm_buf){0};
}

int __builtin_clzll(unsigned long long x)
{
	//@ assert x != 0;
	for (top_bit = 63; top_bit > 0; top_bit--)
		if (x >= 1ull << top_bit)
			break;
	return 63 - top_bit;
}

int __builtin_ctzll(unsigned long long x)
{
	//@ assert x != 0;
	return (int)any_between(0, 63);
}

int __builtin_popcountll(unsigned long long x)
{
	int ones = 0;

	for (int bit = 0; bit < 64; bit++)
		ones += (int)(x >> bit & 1);
	return ones;
}
