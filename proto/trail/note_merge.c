/* Cosignatures of one head, gathered under one note. */
#include <string.h>

#include "proto/base/limits.h"
#include "proto/trail/note_text.h"

static bool is_of(const struct nrm_cosignature *line, const struct nrm_note_key *key)
{
	return nrm_slice_equal(line->name, nrm_slice_str(key->name)) &&
	       memcmp(line->id, key->id, sizeof(key->id)) == 0;
}

/* The witness's newest line. */
static enum nrm_err newest(struct nrm_slice note, const struct nrm_note_key *witness,
			   struct nrm_cosignature *ret_line)
{
	struct nrm_cosignature line;
	bool found = false;
	enum nrm_err err;

	while ((err = nrm_cosignature_next(&note, &line)) == NRM_OK)
		if (is_of(&line, witness) && (!found || line.time > ret_line->time)) {
			*ret_line = line;
			found = true;
		}
	return err == NRM_ERR_NOT_FOUND && found ? NRM_OK : err;
}

/* Appends all of a note but the witness's lines; NULL: any witness's. */
static enum nrm_err copy_without(struct nrm_slice note, const struct nrm_note_key *witness,
				 struct nrm_buf *out)
{
	const uint8_t *from = note.data, *end = note.data + note.len;
	struct nrm_slice rest = note;
	struct nrm_cosignature line;
	enum nrm_err err;

	while ((err = nrm_cosignature_next(&rest, &line)) == NRM_OK) {
		if (witness && !is_of(&line, witness))
			continue;
		nrm_buf_put(out, from, (size_t)(line.line.data - from));
		from = line.line.data + line.line.len;
	}
	nrm_buf_put(out, from, (size_t)(end - from));
	return err == NRM_ERR_NOT_FOUND ? out->err : err;
}

enum nrm_err nrm_note_bare(struct nrm_slice note, struct nrm_buf *out)
{
	return copy_without(note, NULL, out);
}

enum nrm_err nrm_note_merge(struct nrm_buf *note, struct nrm_slice from,
			    const struct nrm_note_key *witness, uint64_t apart, bool *ret_changed)
{
	struct nrm_slice text, other, signatures;
	struct nrm_cosignature fresh, kept;
	struct nrm_buf merged = {0};
	enum nrm_err err;

	if ((err = nrm_note_split(nrm_buf_slice(note), &text, &signatures)) ||
	    (err = nrm_note_split(from, &other, &signatures)))
		return err;
	if (!nrm_slice_equal(text, other))
		return NRM_ERR_ARGUMENT;
	if ((err = newest(from, witness, &fresh)))
		return err;
	err = newest(nrm_buf_slice(note), witness, &kept);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	if (err == NRM_OK && (fresh.time < kept.time || fresh.time - kept.time < apart)) {
		*ret_changed = false;
		return NRM_OK;
	}
	err = copy_without(nrm_buf_slice(note), witness, &merged);
	nrm_buf_put(&merged, fresh.line.data, fresh.line.len);
	if (err == NRM_OK)
		err = merged.len > NRM_MAX_NOTE ? NRM_ERR_LIMIT : merged.err;
	if (err == NRM_OK) {
		nrm_buf_clear(note);
		nrm_buf_put(note, merged.data, merged.len);
		err = note->err;
	}
	nrm_buf_done(&merged);
	if (err == NRM_OK)
		*ret_changed = true;
	return err;
}
