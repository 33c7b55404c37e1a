/* Receipt and Deliver frames: items put together from bytes that exist already. */
#include "proto/wire/frame_message.h"
#include "proto/wire/pack.h"

/* The two messages around `items` bytes of items: ToAgent.receipt or .deliver, and the list in it. */
static enum nrm_err begin(struct nrm_buf *out, unsigned frame, size_t items)
{
	size_t size = nrm_message_size(frame, items);

	if (size > NRM_MAX_FRAME)
		return NRM_ERR_LIMIT;
	nrm_buf_reserve(out, size);
	nrm_pack_head(out, frame, items);
	return out->err;
}

static size_t receipt_size(const struct nrm_receipt_item *item)
{
	return nrm_bytes_size(1, item->message_id) + nrm_number_size(2, item->index) +
	       nrm_bytes_size(3, item->leaf) + nrm_bytes_size(4, item->salt) +
	       nrm_bytes_size(5, item->view);
}

enum nrm_err nrm_receipt_encode(const struct nrm_receipt_item *item, size_t n, struct nrm_buf *out)
{
	size_t items = 0;

	for (size_t i = 0; i < n; i++)
		items += nrm_message_size(1, receipt_size(&item[i]));
	enum nrm_err err = begin(out, NRM__TO_AGENT__FRAME_RECEIPT, items);
	for (size_t i = 0; err == NRM_OK && i < n; i++) {
		nrm_pack_head(out, 1, receipt_size(&item[i]));
		nrm_pack_bytes(out, 1, item[i].message_id);
		nrm_pack_number(out, 2, item[i].index);
		nrm_pack_bytes(out, 3, item[i].leaf);
		nrm_pack_bytes(out, 4, item[i].salt);
		nrm_pack_bytes(out, 5, item[i].view);
	}
	return err == NRM_OK ? out->err : err;
}

static size_t delivery_size(const struct nrm_delivery *item)
{
	return nrm_number_size(1, item->index) + nrm_bytes_size(2, item->leaf) +
	       nrm_bytes_size(3, item->salt) + nrm_bytes_size(4, item->view) +
	       nrm_bytes_size(5, item->encoded);
}

enum nrm_err nrm_deliver_encode(const struct nrm_delivery *item, size_t n, struct nrm_buf *out)
{
	size_t items = 0;

	for (size_t i = 0; i < n; i++)
		items += nrm_message_size(1, delivery_size(&item[i]));
	enum nrm_err err = begin(out, NRM__TO_AGENT__FRAME_DELIVER, items);
	for (size_t i = 0; err == NRM_OK && i < n; i++) {
		nrm_pack_head(out, 1, delivery_size(&item[i]));
		nrm_pack_number(out, 1, item[i].index);
		nrm_pack_bytes(out, 2, item[i].leaf);
		nrm_pack_bytes(out, 3, item[i].salt);
		nrm_pack_bytes(out, 4, item[i].view);
		nrm_pack_bytes(out, 5, item[i].encoded);
	}
	return err == NRM_OK ? out->err : err;
}
