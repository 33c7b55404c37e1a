#include "broker/books/state.h"

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

static enum nrm_err message_of(struct nrm_books *books, const struct nrm_case *c,
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

bool nrm_books_outdated(const struct nrm_books *books, const struct nrm_statement *st)
{
	return nrm_directory_valid_until(books->options.directory) <= books->clock &&
	       st->basis != NRM_BASIS_EMERGENCY && st->type != NRM_MESSAGE_TYPE_WITHDRAWAL;
}

static struct nrm_facts facts_of(const struct nrm_books *books, const struct nrm_case *c,
				 bool outsider)
{
	return (struct nrm_facts){
		.country = nrm_directory_country(books->options.directory),
		.party = books->roll.party,
		.n_parties = books->roll.n,
		.card = &c->card,
		.consent = c->consent,
		.n_consents = c->n_consents,
		.outsider = outsider,
	};
}

enum nrm_err nrm_books_decide(struct nrm_books *books, const struct nrm_case *c, bool known_case,
			      const struct nrm_statement *st, nrm_mask fields,
			      struct nrm_message *ret_message, struct nrm_verdict *ret_verdict)
{
	enum nrm_err err = message_of(books, c, st, fields, ret_message);

	if (err != NRM_OK)
		return err;
	/* Under an outdated directory only emergencies pass, and what takes away. */
	if (nrm_books_outdated(books, st)) {
		*ret_verdict = (struct nrm_verdict){.reason = NRM_REASON_DIRECTORY_EXPIRED,
						    .told = NRM_REASON_DIRECTORY_EXPIRED};
		return NRM_OK;
	}
	const struct nrm_facts facts =
		facts_of(books, c, known_case && !nrm_case_party(c, ret_message->sender));
	nrm_decide(books->options.policy->rules, &facts, ret_message, books->clock, ret_verdict);
	return NRM_OK;
}

static uint32_t count(nrm_mask mask)
{
	return (uint32_t)__builtin_popcountll(mask);
}

enum nrm_err nrm_view_verdict(struct nrm_books *books, const struct nrm_case *c,
			      const struct nrm_verdict *verdict, struct nrm_view *view)
{
	struct nrm_slice *id =
		nrm_arena_alloc(&books->arena, (count(verdict->consents) + 1) * sizeof(*id));
	const nrm_mask withheld[3] = {verdict->secret, verdict->not_needed, verdict->not_consented};
	static const enum nrm_reason why[3] = {NRM_REASON_SECRET, NRM_REASON_NOT_NEEDED,
					       NRM_REASON_NOT_CONSENTED};

	if (!id)
		return NRM_ERR_NOMEM;
	view->outcome = verdict->outcome;
	view->reason = verdict->reason;
	view->forwarded = verdict->forwarded;
	view->withheld_count = 0;
	for (int i = 0; i < 3; i++) {
		view->withheld[i].fields = withheld[i];
		view->withheld[i].reason = withheld[i] ? why[i] : NRM_REASON_ABSENT;
		view->withheld_count += count(withheld[i]);
	}
	view->obligations = verdict->obligations;
	view->missing = verdict->missing;
	view->rules = verdict->rules;
	view->consent_id = (struct nrm_slices){id, 0};
	for (uint32_t i = 0; i < c->n_consents; i++)
		if (verdict->consents >> i & 1)
			id[view->consent_id.n++] =
				nrm_slice(c->consent_on_file[i].id, NRM_CONSENT_ID_LEN);
	return NRM_OK;
}

static enum nrm_safeguard safeguard(const struct nrm_protection *protection, bool asked, bool there)
{
	if (!protection->child)
		return NRM_SAFEGUARD_ABSENT;
	if (there)
		return NRM_SAFEGUARD_PRESENT;
	return asked ? NRM_SAFEGUARD_MISSING : NRM_SAFEGUARD_NOT_ASKED;
}

/* The decision on the message that a response answers. */
static enum nrm_err answered(struct nrm_books *books, const struct nrm_case *c,
			     const struct nrm_statement *st, const struct nrm_message *message,
			     struct nrm_view *view)
{
	struct nrm_message_row row;
	enum nrm_err err;

	view->answer = st->body.response.answer;
	view->decline = st->body.response.decline;
	if (!message->in_reply)
		return NRM_OK;
	err = nrm_message_find(books, c, st->body.response.in_reply_to, message->recipient, &row);
	if (err == NRM_OK)
		view->answers = row.leaf + 1;
	return err;
}

enum nrm_err nrm_view_counted(struct nrm_books *books, const struct nrm_case *c,
			      const struct nrm_statement *st, const struct nrm_message *message,
			      struct nrm_view *view)
{
	const struct nrm_facts facts = facts_of(books, c, false);
	struct nrm_protection protection;

	nrm_protect(books->options.policy->rules, &facts, message, books->clock, &protection);
	view->groundless = protection.groundless && nrm_view_asks_ground(view);
	view->child = protection.child;
	view->guardian = safeguard(&protection, protection.guardian_asked, protection.guarded);
	view->assessment = safeguard(&protection, protection.assessment_asked, protection.assessed);
	switch (st->type) {
	case NRM_MESSAGE_TYPE_RESPONSE:
		return answered(books, c, st, message, view);
	case NRM_MESSAGE_TYPE_UPDATE:
		view->step = st->body.update.step;
		return NRM_OK;
	case NRM_MESSAGE_TYPE_NOTICE:
		view->notice = st->body.notice.kind;
		return NRM_OK;
	case NRM_MESSAGE_TYPE_ERASURE_CONFIRMATION:
		view->kept_by_law = st->body.erasure_confirmation.legal_ground.len > 0;
		return NRM_OK;
	default:
		return NRM_OK;
	}
}
