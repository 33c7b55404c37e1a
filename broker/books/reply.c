#include <stdlib.h>

#include "broker/books/state.h"

/* What an item's tags and lengths take at most, besides its bytes. */
#define ITEM_OVERHEAD 64u
/* A frame is closed before an item that might take it over the limit. */
#define FRAME_ROOM (NRM_MAX_FRAME - 1024u)

static struct nrm_reply *reply_new(struct nrm_books *books, enum nrm_to_agent_kind kind)
{
	struct nrm_reply *reply = nrm_arena_alloc(&books->arena, sizeof(*reply));

	if (reply)
		reply->kind = kind;
	return reply;
}

enum nrm_err nrm_say_frame(struct nrm_books *books, struct nrm_session *session,
			   const struct nrm_to_agent *frame)
{
	struct nrm_reply *reply = reply_new(books, frame->kind);

	if (!reply)
		return NRM_ERR_NOMEM;
	reply->is.frame = *frame;
	nrm_session_say(&books->sessions, session, reply);
	return NRM_OK;
}

enum nrm_err nrm_say_refused(struct nrm_books *books, struct nrm_session *session,
			     enum nrm_refusal code, uint32_t item, struct nrm_slice message_id,
			     const char *text)
{
	struct nrm_to_agent frame = {.kind = NRM_REFUSED};

	frame.is.refused.code = code;
	frame.is.refused.text = nrm_slice_str(text);
	frame.is.refused.message_id = message_id;
	frame.is.refused.item = item;
	return nrm_say_frame(books, session, &frame);
}

enum nrm_err nrm_say_receipt(struct nrm_books *books, struct nrm_session *session,
			     struct nrm_slice message_id, const struct nrm_entry *entry)
{
	struct nrm_reply *reply = reply_new(books, NRM_RECEIPT);

	if (!reply)
		return NRM_ERR_NOMEM;
	reply->is.receipt = (struct nrm_receipt_item){
		.message_id = message_id,
		.index = entry->index,
		.leaf = entry->leaf,
		.salt = entry->salt[NRM_VIEWER_SENDER],
		.view = entry->view[NRM_VIEWER_SENDER],
	};
	reply->bytes = entry->leaf.len + reply->is.receipt.view.len + NRM_SALT_LEN + ITEM_OVERHEAD;
	nrm_session_say(&books->sessions, session, reply);
	nrm_session_owe_proof(session, entry->index);
	return NRM_OK;
}

static struct nrm_effect *effect_new(struct nrm_effects *effects, uint64_t session)
{
	if (effects->n == effects->cap) {
		size_t cap = effects->cap ? effects->cap * 2 : 64;
		struct nrm_effect *effect = realloc(effects->effect, cap * sizeof(*effect));
		if (!effect)
			return NULL;
		effects->effect = effect;
		effects->cap = cap;
	}
	struct nrm_effect *e = &effects->effect[effects->n++];
	*e = (struct nrm_effect){.session = session};
	return e;
}

void nrm_effects_done(struct nrm_effects *effects)
{
	for (size_t i = 0; i < effects->n; i++)
		nrm_buf_done(&effects->effect[i].frame);
	free(effects->effect);
	*effects = (struct nrm_effects){0};
}

static enum nrm_err effect_frame(struct nrm_effects *effects, uint64_t session,
				 const struct nrm_to_agent *frame)
{
	struct nrm_effect *effect = effect_new(effects, session);

	if (!effect)
		return NRM_ERR_NOMEM;
	return nrm_to_agent_encode(frame, &effect->frame);
}

/* The run of replies from `first` that fit into one frame of their kind; gathers them into the arrays. */
static const struct nrm_reply *gather(const struct nrm_reply *first,
				      struct nrm_receipt_item *receipt,
				      struct nrm_delivery *delivery, size_t *ret_n)
{
	const struct nrm_reply *r = first;
	size_t bytes = 0, n = 0;

	for (; r && r->kind == first->kind && n < NRM_MAX_FRAME_ITEMS; r = r->next) {
		if (n > 0 && bytes + r->bytes > FRAME_ROOM)
			break;
		bytes += r->bytes;
		if (r->kind == NRM_RECEIPT)
			receipt[n++] = r->is.receipt;
		else
			delivery[n++] = r->is.delivery;
	}
	*ret_n = n;
	return r;
}

static enum nrm_err say_all(struct nrm_books *books, struct nrm_session *session,
			    struct nrm_effects *effects)
{
	struct nrm_receipt_item *receipt = books->receipts;
	struct nrm_delivery *delivery = books->deliveries;
	const struct nrm_reply *r = session->first_reply;
	const size_t before = effects->n;
	enum nrm_err err = NRM_OK;

	while (err == NRM_OK && r) {
		struct nrm_to_agent frame = {.kind = r->kind};

		switch (r->kind) {
		case NRM_RECEIPT:
			frame.is.receipt.item = receipt;
			r = gather(r, receipt, delivery, &frame.is.receipt.n);
			break;
		case NRM_DELIVER:
			frame.is.deliver.item = delivery;
			r = gather(r, receipt, delivery, &frame.is.deliver.n);
			break;
		default:
			frame = r->is.frame;
			r = r->next;
		}
		err = effect_frame(effects, session->id, &frame);
	}
	if (err == NRM_OK && session->closing) {
		/* The last words and the end are one effect, so that the end does not overtake them. */
		struct nrm_effect *last = effects->n > before ? &effects->effect[effects->n - 1]
							      : effect_new(effects, session->id);
		if (!last)
			return NRM_ERR_NOMEM;
		last->close = true;
	}
	return err;
}

enum nrm_err nrm_effects_make(struct nrm_books *books, struct nrm_effects *ret_effects)
{
	struct nrm_sessions *sessions = &books->sessions;
	enum nrm_err err = NRM_OK;

	while (sessions->replied) {
		struct nrm_session *session = sessions->replied;

		sessions->replied = session->next_replied;
		if (err == NRM_OK && !session->gone)
			err = say_all(books, session, ret_effects);
		session->first_reply = session->last_reply = NULL;
		session->replied = false;
		if (session->gone)
			nrm_session_end(sessions, session);
	}
	sessions->last_replied = &sessions->replied;
	return err;
}
