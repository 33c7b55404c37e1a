#include "broker/signer/message.h"

static void put_head(uint8_t kind, struct nrm_buf *out)
{
	nrm_buf_put_u8(out, NRM_SIGNER_VERSION);
	nrm_buf_put_u8(out, kind);
}

void nrm_signer_put_ask_last(struct nrm_buf *out)
{
	put_head(NRM_SIGNER_ASK_LAST, out);
}

void nrm_signer_put_ask_sign(const struct nrm_signing_request *request, struct nrm_buf *out)
{
	const struct nrm_checkpoint *head = &request->head;
	const size_t len = strlen(head->origin);

	put_head(NRM_SIGNER_ASK_SIGN, out);
	nrm_buf_put_u8(out, (uint8_t)len);
	nrm_buf_put(out, head->origin, len);
	nrm_buf_put_u64(out, head->size);
	nrm_buf_put(out, head->root.bytes, NRM_HASH_LEN);
	nrm_buf_put_u64(out, request->from);
	nrm_buf_put_u8(out, (uint8_t)request->n);
	for (size_t i = 0; i < request->n; i++)
		nrm_buf_put(out, request->path[i].bytes, NRM_HASH_LEN);
}

void nrm_signer_put_note(struct nrm_slice note, struct nrm_buf *out)
{
	put_head(NRM_SIGNER_NOTE, out);
	nrm_buf_put(out, note.data, note.len);
}

void nrm_signer_put_refused(enum nrm_signer_refusal refusal, struct nrm_buf *out)
{
	put_head(NRM_SIGNER_REFUSED, out);
	nrm_buf_put_u8(out, (uint8_t)refusal);
}

/* 1 to NRM_MAX_KEY_NAME characters of a key's name. */
static enum nrm_err take_origin(struct nrm_reader *r, char origin[static NRM_MAX_KEY_NAME + 1])
{
	const size_t len = nrm_take_u8(r);
	const struct nrm_slice text = nrm_take(r, len);

	if (r->failed || len == 0 || len > NRM_MAX_KEY_NAME)
		return NRM_ERR_FORMAT;
	for (size_t i = 0; i < len; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == '+')
			return NRM_ERR_FORMAT;
	memcpy(origin, text.data, len);
	origin[len] = '\0';
	return NRM_OK;
}

static enum nrm_err take_sign(struct nrm_reader *r, struct nrm_signer_request *request)
{
	struct nrm_signing_request *sign = &request->sign;

	enum nrm_err err = take_origin(r, sign->head.origin);
	if (err != NRM_OK)
		return err;
	sign->head.size = nrm_take_u64(r);
	nrm_take_bytes(r, sign->head.root.bytes, NRM_HASH_LEN);
	sign->from = nrm_take_u64(r);
	sign->n = nrm_take_u8(r);
	if (sign->n > NRM_MAX_TREE_PATH)
		return NRM_ERR_FORMAT;
	nrm_take_bytes(r, request->path, sign->n * NRM_HASH_LEN);
	return NRM_OK;
}

/* Version and kind, which every message begins with. */
static enum nrm_err take_head(struct nrm_reader *r, uint8_t *ret_kind)
{
	const uint8_t version = nrm_take_u8(r);

	*ret_kind = nrm_take_u8(r);
	if (r->failed)
		return NRM_ERR_FORMAT;
	return version == NRM_SIGNER_VERSION ? NRM_OK : NRM_ERR_VERSION;
}

enum nrm_err nrm_signer_read_request(struct nrm_slice bytes, struct nrm_signer_request *ret_request)
{
	struct nrm_signer_request request = {0};
	struct nrm_reader r = nrm_reader(bytes);
	uint8_t kind;

	enum nrm_err err = take_head(&r, &kind);
	if (err == NRM_OK && kind == NRM_SIGNER_ASK_SIGN)
		err = take_sign(&r, &request);
	else if (err == NRM_OK && kind != NRM_SIGNER_ASK_LAST)
		err = NRM_ERR_FORMAT;
	if (err == NRM_OK)
		err = nrm_reader_end(&r);
	if (err != NRM_OK)
		return err;
	request.ask = kind;
	*ret_request = request;
	ret_request->sign.path = ret_request->path;
	return NRM_OK;
}

enum nrm_err nrm_signer_read_reply(struct nrm_slice bytes, struct nrm_signer_reply *ret_reply)
{
	struct nrm_signer_reply reply = {.refusal = NRM_SIGNER_SIGNED};
	struct nrm_reader r = nrm_reader(bytes);
	uint8_t kind;

	enum nrm_err err = take_head(&r, &kind);
	if (err != NRM_OK)
		return err;
	if (kind == NRM_SIGNER_NOTE && r.rest.len > 0 && r.rest.len <= NRM_MAX_HEAD)
		reply.note = nrm_take(&r, r.rest.len);
	else if (kind == NRM_SIGNER_REFUSED)
		reply.refusal = nrm_take_u8(&r);
	if (nrm_reader_end(&r) != NRM_OK ||
	    (kind == NRM_SIGNER_REFUSED ? reply.refusal == NRM_SIGNER_SIGNED ||
						  reply.refusal >= NRM_SIGNER_REFUSAL_END_
					: reply.note.len == 0))
		return NRM_ERR_FORMAT;
	reply.kind = kind;
	*ret_reply = reply;
	return NRM_OK;
}
