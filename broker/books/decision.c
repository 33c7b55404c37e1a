#include "broker/books/state.h"

void nrm_facts_of(const struct nrm_books *books, const struct nrm_case *c, uint32_t sender,
		  bool known_case, struct nrm_facts *ret_facts)
{
	*ret_facts = (struct nrm_facts){
		.country = nrm_directory_country(books->options.directory),
		.party = books->roll.party,
		.n_parties = books->roll.n,
		.card = &c->card,
		.consent = c->consent,
		.n_consents = c->n_consents,
		.outsider = known_case && !nrm_case_party(c, sender),
	};
}

/* Whether a response answers a referral that its recipient sent and that was forwarded to its sender. */
static enum nrm_err answers_forwarded(struct nrm_books *books, const struct nrm_case *c,
				      const struct nrm_statement *st, uint32_t sender,
				      uint32_t recipient, bool *ret_yes)
{
	struct nrm_message_row row;
	enum nrm_err err =
		nrm_message_find(books, c, st->body.response.in_reply_to, recipient, &row);

	*ret_yes = err == NRM_OK && row.type == NRM_MESSAGE_TYPE_REFERRAL &&
		   row.outcome == NRM_OUTCOME_FORWARD && row.recipient == sender;
	return err == NRM_ERR_NOT_FOUND || err == NRM_ERR_EXISTS ? NRM_OK : err;
}

enum nrm_err nrm_message_of(struct nrm_books *books, const struct nrm_case *c,
			    const struct nrm_statement *st, nrm_mask fields,
			    struct nrm_message *ret_message)
{
	struct nrm_message m = {
		.type = st->type,
		.sender = nrm_roll_find(&books->roll, st->sender),
		.recipient = nrm_roll_find(&books->roll, st->recipient),
		.service = st->service,
		.purpose = st->purpose,
		.basis = st->basis,
		.emergency = st->emergency,
		.fields = fields,
	};
	enum nrm_err err = NRM_OK;

	switch (st->type) {
	case NRM_MESSAGE_TYPE_REFERRAL:
		m.contact_by = st->body.referral.contact_by;
		break;
	case NRM_MESSAGE_TYPE_UPDATE:
		m.contact_by = st->body.update.contact_by;
		break;
	case NRM_MESSAGE_TYPE_RESPONSE:
		m.answer = st->body.response.answer;
		m.decline = st->body.response.decline;
		m.appeal = nrm_roll_find(&books->roll, st->body.response.appeal_to) != 0;
		err = answers_forwarded(books, c, st, m.sender, m.recipient, &m.in_reply);
		break;
	case NRM_MESSAGE_TYPE_COMPLAINT:
		m.about = nrm_roll_find(&books->roll, st->body.complaint.about);
		break;
	case NRM_MESSAGE_TYPE_NOTICE:
		m.notice = st->body.notice.kind;
		break;
	default:
		break;
	}
	if (err == NRM_OK)
		*ret_message = m;
	return err;
}
