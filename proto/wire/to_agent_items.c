/*
 * Receipt and Deliver frames, whose items are put together from bytes that exist already: written straight into the
 * buffer, tag, length, bytes, where protobuf-c would visit each of them twice. Decoding holds them to the canonical
 * encoding as it does every frame.
 */
#include "proto/wire/frame_message.h"

/* Every field here has a number below 16: one byte of tag. */
enum { VARINT = 0, BYTES = 2 };
#define TAG(number, type) ((uint8_t)((number) << 3 | (type)))

static size_t varint_size(uint64_t v)
{
	size_t n = 1;

	while (v >>= 7)
		n++;
	return n;
}

static size_t number_size(uint64_t v)
{
	return v ? 1 + varint_size(v) : 0;
}

static size_t message_size(size_t len)
{
	return 1 + varint_size(len) + len;
}

static size_t bytes_size(struct nrm_slice bytes)
{
	return bytes.len ? message_size(bytes.len) : 0;
}

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

static uint8_t *put_number(uint8_t *p, unsigned number, uint64_t v)
{
	if (v == 0)
		return p;
	*p++ = TAG(number, VARINT);
	return put_varint(p, v);
}

static uint8_t *put_head(uint8_t *p, unsigned number, size_t len)
{
	*p++ = TAG(number, BYTES);
	return put_varint(p, len);
}

static uint8_t *put_bytes(uint8_t *p, unsigned number, struct nrm_slice bytes)
{
	if (bytes.len == 0)
		return p;
	p = put_head(p, number, bytes.len);
	memcpy(p, bytes.data, bytes.len);
	return p + bytes.len;
}

/* The two messages around the items: ToAgent.receipt or .deliver, and the list in it. Room for `items` bytes in all. */
static uint8_t *begin(struct nrm_buf *out, unsigned frame, size_t items)
{
	size_t size = message_size(items);

	if (size > NRM_MAX_FRAME)
		return NULL;
	uint8_t *p = nrm_buf_grow(out, size);
	return p ? put_head(p, frame, items) : NULL;
}

static size_t receipt_size(const struct nrm_receipt_item *item)
{
	return bytes_size(item->message_id) + number_size(item->index) + bytes_size(item->leaf) +
	       bytes_size(item->salt) + bytes_size(item->view);
}

enum nrm_err nrm_receipt_encode(const struct nrm_receipt_item *item, size_t n, struct nrm_buf *out)
{
	size_t items = 0;

	for (size_t i = 0; i < n; i++)
		items += message_size(receipt_size(&item[i]));
	uint8_t *p = begin(out, NRM__TO_AGENT__FRAME_RECEIPT, items);
	if (!p)
		return out->err != NRM_OK ? out->err : NRM_ERR_LIMIT;
	for (size_t i = 0; i < n; i++) {
		p = put_head(p, 1, receipt_size(&item[i]));
		p = put_bytes(p, 1, item[i].message_id);
		p = put_number(p, 2, item[i].index);
		p = put_bytes(p, 3, item[i].leaf);
		p = put_bytes(p, 4, item[i].salt);
		p = put_bytes(p, 5, item[i].view);
	}
	return NRM_OK;
}

static size_t delivery_size(const struct nrm_delivery *item)
{
	return number_size(item->index) + bytes_size(item->leaf) + bytes_size(item->salt) +
	       bytes_size(item->view) + message_size(item->encoded.len);
}

enum nrm_err nrm_deliver_encode(const struct nrm_delivery *item, size_t n, struct nrm_buf *out)
{
	size_t items = 0;

	for (size_t i = 0; i < n; i++)
		items += message_size(delivery_size(&item[i]));
	uint8_t *p = begin(out, NRM__TO_AGENT__FRAME_DELIVER, items);
	if (!p)
		return out->err != NRM_OK ? out->err : NRM_ERR_LIMIT;
	for (size_t i = 0; i < n; i++) {
		p = put_head(p, 1, delivery_size(&item[i]));
		p = put_number(p, 1, item[i].index);
		p = put_bytes(p, 2, item[i].leaf);
		p = put_bytes(p, 3, item[i].salt);
		p = put_bytes(p, 4, item[i].view);
		p = put_bytes(p, 5, item[i].encoded);
	}
	return NRM_OK;
}
