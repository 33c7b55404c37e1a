#include "broker/books/session.h"

#include <stdlib.h>

#include "broker/books/mailbox.h"

#define MAX_UNPROVED 65536u

void nrm_sessions_init(struct nrm_sessions *sessions)
{
	*sessions = (struct nrm_sessions){0};
	sessions->last_replied = &sessions->replied;
}

static struct nrm_session **bucket_of(const struct nrm_sessions *sessions, uint64_t id)
{
	return (struct nrm_session **)&sessions->bucket[id & (NRM_SESSION_BUCKETS - 1)];
}

struct nrm_session *nrm_session_find(const struct nrm_sessions *sessions, uint64_t id)
{
	struct nrm_session *s = *bucket_of(sessions, id);

	while (s && s->id != id)
		s = s->next_in_bucket;
	return s;
}

struct nrm_session *nrm_session_of(struct nrm_sessions *sessions, uint64_t id)
{
	struct nrm_session *s = nrm_session_find(sessions, id);

	if (s)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->id = id;
	s->next_in_bucket = *bucket_of(sessions, id);
	*bucket_of(sessions, id) = s;
	sessions->n++;
	return s;
}

void nrm_session_end(struct nrm_sessions *sessions, struct nrm_session *session)
{
	struct nrm_session **p = bucket_of(sessions, session->id);

	while (*p != session)
		p = &(*p)->next_in_bucket;
	*p = session->next_in_bucket;
	if (nrm_session_for(sessions, session->party) == session)
		sessions->of[session->party] = NULL;
	free(session->in_flight);
	free(session->unproved);
	free(session);
	sessions->n--;
}

void nrm_sessions_done(struct nrm_sessions *sessions)
{
	for (uint32_t i = 0; i < NRM_SESSION_BUCKETS; i++)
		while (sessions->bucket[i])
			nrm_session_end(sessions, sessions->bucket[i]);
	free(sessions->of);
	nrm_sessions_init(sessions);
}

enum nrm_err nrm_session_speaks_for(struct nrm_sessions *sessions, struct nrm_session *session,
				    uint32_t party)
{
	if (party >= sessions->n_of) {
		uint32_t n = party + 64;
		struct nrm_session **of = realloc(sessions->of, n * sizeof(struct nrm_session *));
		if (!of)
			return NRM_ERR_NOMEM;
		memset(of + sessions->n_of, 0, (n - sessions->n_of) * sizeof(struct nrm_session *));
		sessions->of = of;
		sessions->n_of = n;
	}
	if (sessions->of[party] && sessions->of[party] != session)
		sessions->of[party]->party = 0;
	sessions->of[party] = session;
	session->party = party;
	return NRM_OK;
}

struct nrm_session *nrm_session_for(const struct nrm_sessions *sessions, uint32_t party)
{
	return party && party < sessions->n_of ? sessions->of[party] : NULL;
}

bool nrm_session_has_credit(const struct nrm_session *session, size_t bytes)
{
	if (session->credit == 0 || session->closing)
		return false;
	return session->bytes_in_flight == 0 ||
	       session->bytes_in_flight + bytes <= NRM_MAX_IN_FLIGHT;
}

/* Room at the end: first by closing up over what has landed, then by growing. */
static enum nrm_err make_room(struct nrm_session *session)
{
	size_t n = 0;

	if (session->end_in_flight < session->cap_in_flight)
		return NRM_OK;
	for (size_t i = session->first_in_flight; i < session->end_in_flight; i++)
		if (session->in_flight[i].place != NRM_MAIL_GONE)
			session->in_flight[n++] = session->in_flight[i];
	session->first_in_flight = 0;
	session->end_in_flight = n;
	if (n < session->cap_in_flight / 2)
		return NRM_OK;
	size_t cap = session->cap_in_flight ? session->cap_in_flight * 2 : 16;
	struct nrm_in_flight *in_flight = realloc(session->in_flight, cap * sizeof(*in_flight));
	if (!in_flight)
		return NRM_ERR_NOMEM;
	session->in_flight = in_flight;
	session->cap_in_flight = cap;
	return NRM_OK;
}

enum nrm_err nrm_session_deliver(struct nrm_session *session, const struct nrm_in_flight *delivery)
{
	enum nrm_err err = make_room(session);

	if (err != NRM_OK)
		return err;
	session->in_flight[session->end_in_flight++] = *delivery;
	session->bytes_in_flight += delivery->bytes;
	session->credit--;
	return NRM_OK;
}

struct nrm_in_flight *nrm_session_in_flight(struct nrm_session *session, struct nrm_slice leaf_hash)
{
	/* Acknowledgements come in order, or nearly so: the first one looked at is mostly the one. */
	for (size_t i = session->first_in_flight; i < session->end_in_flight; i++) {
		struct nrm_in_flight *f = &session->in_flight[i];

		if (f->place != NRM_MAIL_GONE &&
		    nrm_slice_equal(nrm_slice(f->leaf_hash.bytes, NRM_HASH_LEN), leaf_hash))
			return f;
	}
	return NULL;
}

void nrm_session_landed(struct nrm_session *session, struct nrm_in_flight *delivery)
{
	session->bytes_in_flight -= delivery->bytes;
	delivery->place = NRM_MAIL_GONE;
	while (session->first_in_flight < session->end_in_flight &&
	       session->in_flight[session->first_in_flight].place == NRM_MAIL_GONE)
		session->first_in_flight++;
}

void nrm_session_recall(struct nrm_session *session, uint64_t place)
{
	for (size_t i = session->first_in_flight; i < session->end_in_flight; i++)
		if (session->in_flight[i].place == place) {
			nrm_session_landed(session, &session->in_flight[i]);
			return;
		}
}

void nrm_session_ground(struct nrm_session *session)
{
	session->first_in_flight = session->end_in_flight = 0;
	session->bytes_in_flight = 0;
}

void nrm_session_say(struct nrm_sessions *sessions, struct nrm_session *session,
		     struct nrm_reply *reply)
{
	reply->next = NULL;
	*(session->last_reply ? &session->last_reply->next : &session->first_reply) = reply;
	session->last_reply = reply;
	if (session->replied)
		return;
	session->replied = true;
	session->next_replied = NULL;
	*sessions->last_replied = session;
	sessions->last_replied = &session->next_replied;
}

void nrm_session_owe_proof(struct nrm_session *session, uint64_t leaf)
{
	if (session->n_unproved == session->cap_unproved) {
		size_t cap = session->cap_unproved ? session->cap_unproved * 2 : 64;
		uint64_t *unproved = NULL;

		if (cap <= MAX_UNPROVED)
			unproved = realloc(session->unproved, cap * sizeof(*unproved));
		if (!unproved)
			return;
		session->unproved = unproved;
		session->cap_unproved = cap;
	}
	session->unproved[session->n_unproved++] = leaf;
}
