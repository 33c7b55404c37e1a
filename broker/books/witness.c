/*
 * Witnesses: agencies that checked a head and cosigned it. All connected sessions are shown the same head, once a minute where
 * the tree grew, once an hour where it did not, so that their cosignatures meet under one note. Nothing waits for them.
 */
#include "broker/books/state.h"

/* Of the cosignatures of one witness for one head, the later of two this close together adds nothing. */
#define APART_SECONDS (NRM_WITNESS_EVERY_MS / 1000)

/* A refusal of a cosignature names no message: 16 zero bytes, where a refused Submit has none or its own. */
static const uint8_t no_message[NRM_MESSAGE_ID_LEN];

static enum nrm_err refuse(struct nrm_books *books, struct nrm_session *session,
			   enum nrm_refusal code, const char *text)
{
	return nrm_say_refused(books, session, code, 0, nrm_slice(no_message, sizeof(no_message)),
			       text);
}

/* --- rows: u64 since, note --- */

static enum nrm_err read_row(struct nrm_books *books, const char *name,
			     struct nrm_witnessed *witnessed)
{
	struct nrm_slice row;
	uint64_t cosigned;

	nrm_buf_clear(&witnessed->note);
	witnessed->since_ms = 0;
	enum nrm_err err = nrm_get(books->txn, NRM_TABLE_STATE, nrm_slice_str(name), &row);
	if (err != NRM_OK)
		return err == NRM_ERR_NOT_FOUND ? NRM_OK : err;
	struct nrm_reader r = nrm_reader(row);
	witnessed->since_ms = nrm_take_u64(&r);
	if (r.failed)
		return NRM_ERR_CORRUPT;
	if (nrm_note_open(r.rest, nrm_directory_log_key(books->options.directory), NULL, 0,
			  &witnessed->head, &cosigned) == NRM_OK)
		nrm_buf_put(&witnessed->note, r.rest.data, r.rest.len);
	return witnessed->note.err;
}

enum nrm_err nrm_witnessed_load(struct nrm_books *books)
{
	enum nrm_err err = read_row(books, NRM_STATE_ASKED, &books->asked);

	return err == NRM_OK ? read_row(books, NRM_STATE_VOUCHED, &books->vouched) : err;
}

static enum nrm_err write_row(struct nrm_books *books, const char *name,
			      const struct nrm_witnessed *witnessed)
{
	struct nrm_buf *row = &books->scratch;

	nrm_buf_clear(row);
	nrm_buf_put_u64(row, witnessed->since_ms);
	nrm_buf_put(row, witnessed->note.data, witnessed->note.len);
	books->changed = true;
	return row->err != NRM_OK ? row->err
				  : nrm_put(books->txn, NRM_TABLE_STATE, nrm_slice_str(name),
					    nrm_buf_slice(row));
}

/* --- who vouches --- */

static bool counts(const struct nrm_books *books, const struct nrm_cosignature *line)
{
	const size_t prefix = strlen("nrm/");
	const struct nrm_participant *p;
	struct nrm_note_key key;

	if (line->name.len <= prefix)
		return false;
	p = nrm_directory_find(books->options.directory,
			       nrm_slice(line->name.data + prefix, line->name.len - prefix));
	return p && nrm_participant_active(p, books->clock) &&
	       nrm_participant_witness(p, &key) == NRM_OK &&
	       nrm_slice_equal(line->name, nrm_slice_str(key.name)) &&
	       memcmp(line->id, key.id, sizeof(key.id)) == 0;
}

uint32_t nrm_witnessed_count(const struct nrm_books *books, const struct nrm_witnessed *witnessed)
{
	struct nrm_slice rest = nrm_buf_slice(&witnessed->note);
	struct nrm_cosignature line;
	uint32_t n = 0;

	while (rest.len > 0 && nrm_cosignature_next(&rest, &line) == NRM_OK)
		n += counts(books, &line);
	return n;
}

/* --- a cosignature --- */

bool nrm_witnessed_is(const struct nrm_witnessed *witnessed, uint64_t size)
{
	return witnessed->note.len > 0 && witnessed->head.size == size;
}

/* The keys under which it was verified are those of the directory in force. */
static bool keys_stand(const struct nrm_books *books, const struct nrm_parcel *parcel)
{
	if (parcel->directory == books->options.directory)
		return true;
	const struct nrm_participant *then =
		nrm_directory_find_transport(parcel->directory, parcel->transport);
	return then && memcmp(then->witness, parcel->participant->witness, NRM_KEY_LEN) == 0 &&
	       memcmp(nrm_directory_log_key(parcel->directory),
		      nrm_directory_log_key(books->options.directory),
		      sizeof(struct nrm_note_key)) == 0;
}

/* When the witness says that it knew the head: the latest of its lines. */
static uint64_t time_of(struct nrm_slice note, const struct nrm_note_key *witness)
{
	struct nrm_cosignature line;
	uint64_t latest = 0;

	while (nrm_cosignature_next(&note, &line) == NRM_OK)
		if (nrm_slice_equal(line.name, nrm_slice_str(witness->name)) &&
		    memcmp(line.id, witness->id, sizeof(line.id)) == 0 && line.time > latest)
			latest = line.time;
	return latest;
}

/* The head that is asked about has its quorum: it takes the place of the last one that had. */
static enum nrm_err vouch(struct nrm_books *books)
{
	if (nrm_witnessed_count(books, &books->asked) <
	    nrm_directory_witness_quorum(books->options.directory))
		return NRM_OK;
	nrm_buf_clear(&books->vouched.note);
	nrm_buf_put(&books->vouched.note, books->asked.note.data, books->asked.note.len);
	books->vouched.head = books->asked.head;
	books->vouched.since_ms = books->clock;
	return books->vouched.note.err != NRM_OK
		       ? books->vouched.note.err
		       : write_row(books, NRM_STATE_VOUCHED, &books->vouched);
}

static enum nrm_err merge(struct nrm_books *books, struct nrm_session *session,
			  struct nrm_slice note, const struct nrm_note_key *witness,
			  struct nrm_witnessed *into)
{
	bool changed;
	enum nrm_err err = nrm_note_merge(&into->note, note, witness, APART_SECONDS, &changed);

	if (err == NRM_ERR_LIMIT)
		return refuse(books, session, NRM_REFUSAL_TOO_LARGE,
			      "as many witnesses vouch for this head as a note can hold");
	if (err != NRM_OK || !changed)
		return err;
	if (into == &books->vouched)
		return write_row(books, NRM_STATE_VOUCHED, into);
	err = write_row(books, NRM_STATE_ASKED, into);
	return err == NRM_OK ? vouch(books) : err;
}

enum nrm_err nrm_books_cosign(struct nrm_books *books, struct nrm_session *session,
			      const struct nrm_parcel *parcel)
{
	const struct nrm_slice note = parcel->frame.is.cosignature;
	struct nrm_note_key witness;

	if (!keys_stand(books, parcel))
		return nrm_refuse_frame(books, session, NRM_REFUSAL_DIRECTORY_CHANGED,
					"the keys changed meanwhile", true);
	if (parcel->cosigned != NRM_OK)
		return refuse(books, session, nrm_refusal_of(parcel->cosigned),
			      "no checkpoint of this trail under your own cosignature");
	/* Signed by the trail's key, and not of this tree: these books are not the ones that it was signed for. */
	enum nrm_err err = nrm_books_have(books, &parcel->head);
	if (err == NRM_OK)
		err = nrm_participant_witness(parcel->participant, &witness);
	if (err != NRM_OK)
		return err;
	if (time_of(note, &witness) > (books->clock + NRM_MAX_AHEAD_MS) / 1000)
		return refuse(books, session, NRM_REFUSAL_NOT_YET,
			      "cosigned at a time to come: set the clock");
	if (nrm_witnessed_is(&books->asked, parcel->head.size))
		return merge(books, session, note, &witness, &books->asked);
	if (nrm_witnessed_is(&books->vouched, parcel->head.size))
		return merge(books, session, note, &witness, &books->vouched);
	return refuse(books, session, NRM_REFUSAL_EXPIRED,
		      "over a head that witnesses are not asked about, or no longer");
}

/* --- asking --- */

/* A new round: the last checkpoint, as yet without a witness. */
static enum nrm_err begin_round(struct nrm_books *books)
{
	uint64_t cosigned;
	enum nrm_err err = nrm_note_open(nrm_buf_slice(&books->checkpoint),
					 nrm_directory_log_key(books->options.directory), NULL, 0,
					 &books->asked.head, &cosigned);

	if (err != NRM_OK)
		return NRM_OK; /* of an earlier key: a new one is signed soon */
	nrm_buf_clear(&books->asked.note);
	nrm_buf_put(&books->asked.note, books->checkpoint.data, books->checkpoint.len);
	books->asked.since_ms = books->clock;
	err = books->asked.note.err;
	if (err == NRM_OK)
		err = write_row(books, NRM_STATE_ASKED, &books->asked);
	if (err != NRM_OK || books->vouched.since_ms != 0)
		return err;
	books->vouched.since_ms = books->clock; /* from now on a quorum is missed */
	return write_row(books, NRM_STATE_VOUCHED, &books->vouched);
}

static bool round_is_due(const struct nrm_books *books)
{
	const uint64_t age = books->clock - books->asked.since_ms;

	return books->asked.note.len == 0 || age >= NRM_WITNESS_AGAIN_MS ||
	       (age >= NRM_WITNESS_EVERY_MS && books->asked.head.size != books->signed_size);
}

enum nrm_err nrm_books_ask_witnesses(struct nrm_books *books)
{
	enum nrm_err err = NRM_OK;

	if (nrm_directory_witness_quorum(books->options.directory) == 0 || books->signed_size == 0)
		return NRM_OK;
	if (round_is_due(books))
		err = begin_round(books);
	/* Once the tree has moved on, who comes later waits for the next round: heads are never shown backwards. */
	if (!nrm_witnessed_is(&books->asked, books->signed_size))
		return err;
	for (uint32_t party = 1; err == NRM_OK && party < books->sessions.n_of; party++) {
		struct nrm_session *session = books->sessions.of[party];

		if (!session || session->closing || session->gone ||
		    session->asked_ms == books->asked.since_ms ||
		    session->proved_size > books->signed_size)
			continue;
		session->asked_ms = books->asked.since_ms;
		err = nrm_say_proofs(books, session, NULL, 0);
	}
	return err;
}
