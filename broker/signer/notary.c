#include "broker/signer/notary.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/file.h"
#include "proto/base/limits.h"
#include "proto/crypto/keyfile.h"

struct nrm_notary {
	struct nrm_note_key key;
	struct nrm_signing_key *secret;
	struct nrm_checkpoint last;
	struct nrm_buf note; /* of it */
	char *path;	     /* of the state file; NULL: in memory */
	int lock;	     /* its folder, or -1 */
};

const char *nrm_signer_refusal_text(enum nrm_signer_refusal refusal)
{
#define NRM_X_(name, number, text) [number] = (text),
	static const char *const texts[] = {NRM_SIGNER_REFUSALS(NRM_X_)};
#undef NRM_X_

	return (unsigned)refusal < NRM_SIGNER_REFUSAL_END_ ? texts[refusal] : "refused";
}

enum nrm_err nrm_notary_new(const char *origin, const uint8_t seed[static NRM_KEY_LEN],
			    struct nrm_notary **ret_notary)
{
	struct nrm_notary *notary = calloc(1, sizeof(*notary));
	uint8_t public_key[NRM_KEY_LEN];
	enum nrm_err err = NRM_ERR_NOMEM;

	if (!notary)
		return err;
	notary->lock = -1;
	err = nrm_signing_key_new(seed, &notary->secret);
	if (err != NRM_OK)
		goto out;
	nrm_signing_key_public(notary->secret, public_key);
	err = nrm_note_key_make(origin, NRM_NOTE_LOG, public_key, &notary->key);
	if (err != NRM_OK)
		goto out;
	memcpy(notary->last.origin, notary->key.name, sizeof(notary->last.origin));
	notary->last.root = nrm_tree_root(NULL, 0);
	err = nrm_note_sign(&notary->last, &notary->key, notary->secret, &notary->note);
	if (err != NRM_OK)
		goto out;
	*ret_notary = notary;
	notary = NULL;
out:
	nrm_notary_free(notary);
	return err;
}

void nrm_notary_free(struct nrm_notary *notary)
{
	if (!notary)
		return;
	nrm_signing_key_free(notary->secret);
	nrm_buf_done(&notary->note);
	free(notary->path);
	if (notary->lock >= 0)
		close(notary->lock);
	free(notary);
}

const struct nrm_checkpoint *nrm_notary_last(const struct nrm_notary *notary)
{
	return &notary->last;
}

struct nrm_slice nrm_notary_note(const struct nrm_notary *notary)
{
	return nrm_buf_slice(&notary->note);
}

/* --- the state file --- */

static enum nrm_err fail(char *error, enum nrm_err err, const char *path, const char *why)
{
	snprintf(error, NRM_NOTARY_ERROR_LEN, "%.256s: %s", path, why);
	return err;
}

/* Who may write the folder may put an older state in place of this one. */
static enum nrm_err lock_folder(struct nrm_notary *notary, char *error)
{
	char copy[PATH_MAX];
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", notary->path);
	const char *folder = dirname(copy);
	notary->lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (notary->lock < 0 || fstat(notary->lock, &st) != 0)
		return fail(error, errno == ENOENT ? NRM_ERR_NOT_FOUND : NRM_ERR_IO, folder,
			    strerror(errno));
	if (st.st_mode & 022)
		return fail(error, NRM_ERR_PERMISSION, folder,
			    "expected a folder that only its owner may write");
	if (flock(notary->lock, LOCK_EX | LOCK_NB) != 0)
		return fail(error, NRM_ERR_AGAIN, folder,
			    "another process works with the state in it");
	return NRM_OK;
}

static enum nrm_err read_state(struct nrm_notary *notary, char *error)
{
	struct nrm_buf note = {0};
	uint64_t cosigned;

	enum nrm_err err = nrm_file_read(notary->path, NRM_MAX_HEAD, true, &note);
	if (err == NRM_ERR_NOT_FOUND)
		err = fail(error, err, notary->path,
			   "there is no state: put back the one that belongs to this key, or, when "
			   "the key never signed, make one with --new");
	else if (err == NRM_ERR_PERMISSION)
		err = fail(error, err, notary->path,
			   "expected a file that only its owner may read and write");
	else if (err == NRM_ERR_IO || err == NRM_ERR_NOMEM)
		err = fail(error, err, notary->path, nrm_err_text(err));
	else if (err != NRM_OK || nrm_note_open(nrm_buf_slice(&note), &notary->key, NULL, 0,
						&notary->last, &cosigned) != NRM_OK)
		err = fail(error, NRM_ERR_CORRUPT, notary->path,
			   "expected the head that this key signed last: it is damaged, or of "
			   "another key or origin");
	if (err != NRM_OK) {
		nrm_buf_done(&note);
		return err;
	}
	nrm_buf_done(&notary->note);
	notary->note = note;
	return NRM_OK;
}

/* A notary in memory with the path of its state, which is not looked at yet. */
static enum nrm_err new_at(const char *path, const char *origin,
			   const uint8_t seed[static NRM_KEY_LEN], struct nrm_notary **ret_notary,
			   char *error)
{
	enum nrm_err err = nrm_notary_new(origin, seed, ret_notary);

	if (err == NRM_OK && !((*ret_notary)->path = strdup(path))) {
		nrm_notary_free(*ret_notary);
		err = NRM_ERR_NOMEM;
	}
	return err == NRM_OK ? NRM_OK : fail(error, err, origin, nrm_err_text(err));
}

enum nrm_err nrm_notary_open(const char *path, const char *origin,
			     const uint8_t seed[static NRM_KEY_LEN], struct nrm_notary **ret_notary,
			     char error[static NRM_NOTARY_ERROR_LEN])
{
	struct nrm_notary *notary;
	enum nrm_err err = new_at(path, origin, seed, &notary, error);

	if (err != NRM_OK)
		return err;
	err = lock_folder(notary, error);
	if (err == NRM_OK)
		err = read_state(notary, error);
	if (err != NRM_OK) {
		nrm_notary_free(notary);
		return err;
	}
	*ret_notary = notary;
	return NRM_OK;
}

enum nrm_err nrm_notary_make_state(const char *path, const char *origin,
				   const uint8_t seed[static NRM_KEY_LEN],
				   char error[static NRM_NOTARY_ERROR_LEN])
{
	struct nrm_notary *notary;
	enum nrm_err err = new_at(path, origin, seed, &notary, error);

	if (err != NRM_OK)
		return err;
	err = lock_folder(notary, error);
	if (err == NRM_OK) {
		err = nrm_file_create(path, 0600, nrm_notary_note(notary));
		if (err != NRM_OK)
			fail(error, err, path,
			     err == NRM_ERR_EXISTS ? "there is a state already: it belongs to its "
						     "key and stays"
						   : nrm_err_text(err));
	}
	nrm_notary_free(notary);
	return err;
}

/* --- signing --- */

/* The rule. The path leads from the head signed last, and from no other. */
static enum nrm_signer_refusal judge(const struct nrm_checkpoint *last,
				     const struct nrm_signing_request *r)
{
	if (strcmp(r->head.origin, last->origin) != 0)
		return NRM_SIGNER_FOREIGN;
	if (r->head.size < last->size)
		return NRM_SIGNER_SHORTER;
	if (r->head.size == last->size &&
	    memcmp(r->head.root.bytes, last->root.bytes, NRM_HASH_LEN) != 0)
		return NRM_SIGNER_FORKED;
	if (r->from != last->size || nrm_consistency_verify(r->from, r->head.size, r->path, r->n,
							    &last->root, &r->head.root) != NRM_OK)
		return NRM_SIGNER_NOT_PROVED;
	return NRM_SIGNER_SIGNED;
}

enum nrm_signer_refusal nrm_notary_sign(struct nrm_notary *notary,
					const struct nrm_signing_request *request)
{
	struct nrm_buf note = {0};

	enum nrm_signer_refusal refusal = judge(&notary->last, request);
	if (refusal != NRM_SIGNER_SIGNED || request->head.size == notary->last.size)
		return refusal;
	enum nrm_err err = nrm_note_sign(&request->head, &notary->key, notary->secret, &note);
	if (err == NRM_OK && notary->path)
		err = nrm_file_replace(notary->path, 0600, nrm_buf_slice(&note));
	if (err != NRM_OK) {
		nrm_buf_done(&note);
		return NRM_SIGNER_NOT_KEPT;
	}
	nrm_buf_done(&notary->note);
	notary->note = note;
	notary->last = request->head;
	return NRM_SIGNER_SIGNED;
}
