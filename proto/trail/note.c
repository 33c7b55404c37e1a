/* Checkpoints: notes whose text is origin, size and root (C2SP tlog-checkpoint). */
#include "proto/trail/note.h"

#include <string.h>

#include "proto/trail/note_text.h"

enum nrm_err nrm_note_sign(const struct nrm_checkpoint *cp, const struct nrm_note_key *key,
			   const struct nrm_signing_key *secret, struct nrm_buf *out)
{
	struct nrm_buf text = {0};
	size_t begin = out->len;

	if (key->type != NRM_NOTE_LOG || strcmp(cp->origin, key->name) != 0)
		return NRM_ERR_ARGUMENT;
	nrm_buf_put(&text, cp->origin, strlen(cp->origin));
	nrm_buf_put_u8(&text, '\n');
	nrm_decimal_put(&text, cp->size);
	nrm_buf_put_u8(&text, '\n');
	nrm_base64_put(&text, nrm_slice(cp->root.bytes, sizeof(cp->root.bytes)));
	nrm_buf_put_u8(&text, '\n');
	enum nrm_err err = text.err;
	if (err != NRM_OK)
		goto out;
	nrm_buf_put(out, text.data, text.len);
	nrm_buf_put_u8(out, '\n');
	err = nrm_note_line_put(out, nrm_buf_slice(&text), 0, key, secret);
out:
	nrm_buf_done(&text);
	if (err != NRM_OK && out->err == NRM_OK)
		out->len = begin;
	return err;
}

enum nrm_err nrm_note_cosign(struct nrm_buf *note, uint64_t time, const struct nrm_note_key *key,
			     const struct nrm_signing_key *secret)
{
	struct nrm_slice text, signatures;
	struct nrm_buf line = {0};

	if (key->type != NRM_NOTE_WITNESS)
		return NRM_ERR_ARGUMENT;
	enum nrm_err err = nrm_note_split(nrm_buf_slice(note), &text, &signatures);
	if (err == NRM_OK)
		err = nrm_note_line_put(&line, text, time, key, secret);
	if (err == NRM_OK) {
		nrm_buf_put(note, line.data, line.len);
		err = note->err;
	}
	nrm_buf_done(&line);
	return err;
}

/* Exactly three lines, in the one form that nrm_note_sign() writes. */
static enum nrm_err text_parse(struct nrm_slice text, const struct nrm_note_key *log,
			       struct nrm_checkpoint *cp)
{
	struct nrm_slice origin, size, root;
	enum nrm_err err;

	if (!nrm_line_take(&text, &origin) || !nrm_line_take(&text, &size) ||
	    !nrm_line_take(&text, &root) || text.len > 0 ||
	    !nrm_slice_equal(origin, nrm_slice_str(log->name)))
		return NRM_ERR_FORMAT;
	memcpy(cp->origin, log->name, sizeof(cp->origin));
	err = nrm_decimal_read(size, &cp->size);
	if (err != NRM_OK)
		return err;
	return nrm_base64_read_exact(root, cp->root.bytes, sizeof(cp->root.bytes));
}

enum nrm_err nrm_note_open(struct nrm_slice note, const struct nrm_note_key *log,
			   const struct nrm_note_key *witness, size_t n_witnesses,
			   struct nrm_checkpoint *ret_cp, uint64_t *ret_cosigned)
{
	struct nrm_checkpoint cp;
	struct nrm_slice text;
	uint64_t cosigned;

	enum nrm_err err = nrm_note_verify(note, log, witness, n_witnesses, &text, &cosigned);
	if (err == NRM_OK)
		err = text_parse(text, log, &cp);
	if (err != NRM_OK)
		return err;
	*ret_cp = cp;
	*ret_cosigned = cosigned;
	return NRM_OK;
}
