/*
 * The first frame of a connection: who speaks, which version, what it has seen. It supersedes an older session of the
 * same participant, whose deliveries in flight return to the mailbox.
 */
#include "broker/books/state.h"

/* Sessions that one transaction hands a policy to: at most 12 MiB of frames. */
#define HAND_AT_ONCE 256u

/*
 * The head the agent last saw must be one of ours. A valid signature on a head that our tree does not have means that these
 * books were restored from an older copy or that the trail forked: NRM_ERR_CORRUPT, and the broker stops.
 */
static enum nrm_err compare_heads(struct nrm_books *books, struct nrm_slice note,
				  uint64_t *ret_size)
{
	struct nrm_checkpoint seen;
	uint64_t cosigned;

	*ret_size = 0;
	if (note.len == 0 || nrm_note_open(note, nrm_directory_log_key(books->options.directory),
					   NULL, 0, &seen, &cosigned) != NRM_OK)
		return NRM_OK;
	enum nrm_err err = nrm_books_have(books, &seen);
	if (err == NRM_OK)
		*ret_size = seen.size;
	return err;
}

/* What it holds is what it told of in its Hello: with the Welcome it has directory and policy in force. */
static enum nrm_err welcome(struct nrm_books *books, struct nrm_session *session,
			    uint64_t directory_version, struct nrm_slice policy_digest)
{
	const struct nrm_signed_policy *policy = books->options.policy;
	struct nrm_to_agent frame = {.kind = NRM_WELCOME};

	frame.is.welcome.version = NRM_PROTOCOL_VERSION;
	frame.is.welcome.time_ms = books->clock;
	frame.is.welcome.submit_credit = NRM_MAX_SUBMIT_CREDIT;
	frame.is.welcome.checkpoint = nrm_buf_slice(&books->checkpoint);
	if (directory_version < nrm_directory_version(books->options.directory))
		frame.is.welcome.directory = nrm_directory_document(books->options.directory);
	if (nrm_policy_is_signed(policy) &&
	    !nrm_slice_equal(policy_digest, nrm_slice(policy->rules->digest, NRM_HASH_LEN)))
		frame.is.welcome.policy = policy->document;
	session->policy_version = policy->rules->version;
	return nrm_say_frame(books, session, &frame);
}

enum nrm_err nrm_books_hand_policy(struct nrm_books *books)
{
	const struct nrm_signed_policy *policy = books->options.policy;
	struct nrm_to_agent frame = {.kind = NRM_POLICY, .is.policy = policy->document};
	enum nrm_err err = NRM_OK;
	unsigned handed = 0;

	if (!nrm_policy_is_signed(policy))
		return NRM_OK;
	for (uint32_t party = 1; err == NRM_OK && party < books->sessions.n_of; party++) {
		struct nrm_session *session = books->sessions.of[party];

		if (!session || session->closing || session->gone ||
		    session->policy_version == policy->rules->version)
			continue;
		if (++handed > HAND_AT_ONCE)
			break;
		session->policy_version = policy->rules->version;
		err = nrm_say_frame(books, session, &frame);
	}
	return err;
}

enum nrm_err nrm_books_hello(struct nrm_books *books, struct nrm_session *session,
			     const struct nrm_parcel *parcel)
{
	uint32_t party = nrm_roll_find(&books->roll, parcel->participant->id);
	struct nrm_session *older = nrm_session_for(&books->sessions, party);
	struct nrm_mailbox *box = nrm_mailbox(&books->mailboxes, party);
	uint32_t credit = parcel->frame.is.hello.credit;

	if (parcel->frame.is.hello.min_version > NRM_PROTOCOL_VERSION ||
	    parcel->frame.is.hello.max_version < NRM_PROTOCOL_VERSION)
		return nrm_say_refused(books, session, NRM_REFUSAL_VERSION_TOO_NEW, 0,
				       nrm_slice(NULL, 0), "this broker speaks version 1");
	enum nrm_err err =
		compare_heads(books, parcel->frame.is.hello.checkpoint, &session->proved_size);
	if (err != NRM_OK)
		return err;
	if (!box)
		return NRM_ERR_NOMEM;
	if (older && older != session) {
		older->closing = true;
		err = nrm_say_refused(books, older, NRM_REFUSAL_NO_SESSION, 0, nrm_slice(NULL, 0),
				      "superseded by a newer connection of the same participant");
		if (err != NRM_OK)
			return err;
	}
	nrm_session_ground(session);
	nrm_mailbox_rewind(box);
	session->credit = credit < NRM_MAX_DELIVER_CREDIT ? credit : NRM_MAX_DELIVER_CREDIT;
	session->n_unproved = 0;
	err = nrm_session_speaks_for(&books->sessions, session, party);
	if (err == NRM_OK)
		err = welcome(books, session, parcel->frame.is.hello.directory_version,
			      parcel->frame.is.hello.policy_digest);
	return err;
}
