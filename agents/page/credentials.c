#include "agents/page/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/file.h"
#include "proto/base/hex.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/password.h"

#define MAX_NAME     63u
#define LEAST_LOG2_N 10u
#define MAX_FILE     (NRM_MAX_PAGE_NAMES * 256u)

struct entry {
	char name[MAX_NAME + 1];
	struct nrm_password password;
	bool right_once;
	uint8_t remembered[NRM_HASH_LEN];
};

struct nrm_credentials {
	uint8_t key[NRM_KEY_LEN];   /* of this process, for what is remembered */
	struct nrm_password nobody; /* checked for names that are not there */
	size_t n;
	struct entry entry[NRM_MAX_PAGE_NAMES];
};

bool nrm_credentials_name_ok(struct nrm_slice name)
{
	static const char others[] = "._@-";

	for (size_t i = 0; i < name.len; i++) {
		const uint8_t c = name.data[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c && strchr(others, c))))
			return false;
	}
	return name.len >= 1 && name.len <= MAX_NAME;
}

void nrm_credentials_free(struct nrm_credentials *credentials)
{
	if (credentials)
		nrm_credentials_wipe(credentials);
	free(credentials);
}

void nrm_credentials_wipe(struct nrm_credentials *credentials)
{
	nrm_wipe(credentials, sizeof(*credentials));
}

/* --- the file --- */

/* A cost: at most two digits. */
static uint32_t cost_of(const char digits[static 3])
{
	return (uint32_t)strtoul(digits, NULL, 10);
}

static enum nrm_err parse_line(const char *line, struct entry *ret_entry)
{
	struct entry e = {.name = ""};
	char salt[2 * NRM_PASSWORD_SALT_LEN + 1], hash[2 * NRM_HASH_LEN + 1], more;
	char log2_n[3], r[3], p[3];

	if (sscanf(line, "%63[^:]:scrypt:%2[0-9]:%2[0-9]:%2[0-9]:%32[0-9a-f]:%64[0-9a-f]%c", e.name,
		   log2_n, r, p, salt, hash, &more) != 6 ||
	    !nrm_credentials_name_ok(nrm_slice_str(e.name)) ||
	    nrm_unhex(salt, e.password.salt, sizeof(e.password.salt)) != NRM_OK ||
	    nrm_unhex(hash, e.password.hash, sizeof(e.password.hash)) != NRM_OK)
		return NRM_ERR_FORMAT;
	e.password.log2_n = cost_of(log2_n);
	e.password.r = cost_of(r);
	e.password.p = cost_of(p);
	if (e.password.log2_n < LEAST_LOG2_N ||
	    !nrm_scrypt_costs_ok(e.password.log2_n, e.password.r, e.password.p))
		return NRM_ERR_LIMIT;
	*ret_entry = e;
	nrm_wipe(&e, sizeof(e));
	return NRM_OK;
}

static struct entry *find(struct nrm_credentials *c, struct nrm_slice name)
{
	for (size_t i = 0; i < c->n; i++)
		if (nrm_slice_equal(name, nrm_slice_str(c->entry[i].name)))
			return &c->entry[i];
	return NULL;
}

static enum nrm_err add_line(struct nrm_credentials *c, const char *line, const char **ret_wrong)
{
	struct entry entry;
	enum nrm_err err = parse_line(line, &entry);

	*ret_wrong = "expected name:scrypt:LOG2_N:R:P:SALT:HASH, as `nrm audit password` writes it";
	if (err == NRM_ERR_LIMIT)
		*ret_wrong = "expected costs of 2^10 to 64 MiB of memory";
	if (err == NRM_OK && find(c, nrm_slice_str(entry.name))) {
		*ret_wrong = "this name is there already";
		err = NRM_ERR_DUPLICATE;
	} else if (err == NRM_OK && c->n == NRM_MAX_PAGE_NAMES) {
		*ret_wrong = "expected at most 64 names";
		err = NRM_ERR_LIMIT;
	} else if (err == NRM_OK) {
		c->entry[c->n++] = entry;
	}
	nrm_wipe(&entry, sizeof(entry));
	return err;
}

enum nrm_err nrm_credentials_parse(const char *name, struct nrm_slice bytes,
				   struct nrm_credentials **ret_credentials,
				   char error[static NRM_CREDENTIALS_ERROR_LEN])
{
	struct nrm_credentials *c = calloc(1, sizeof(*c));
	struct nrm_slice rest = bytes;
	enum nrm_err err = c ? NRM_OK : NRM_ERR_NOMEM;
	const char *wrong = "out of memory";
	unsigned number = 1;

	for (; err == NRM_OK && rest.len > 0; number++) {
		char line[256] = "";
		const uint8_t *newline = memchr(rest.data, '\n', rest.len);
		const size_t len = newline ? (size_t)(newline - rest.data) : rest.len;

		if (len < sizeof(line) && !memchr(rest.data, 0, len))
			memcpy(line, rest.data, len);
		err = add_line(c, line, &wrong);
		rest = nrm_slice(rest.data + len + !!newline, rest.len - len - !!newline);
		nrm_wipe(line, sizeof(line));
	}
	if (err == NRM_OK && c->n == 0) {
		wrong = "expected at least one name: `nrm audit password NAME` adds one";
		err = NRM_ERR_FORMAT;
	} else if (err != NRM_OK) {
		number--;
	}
	if (err != NRM_OK) {
		snprintf(error, NRM_CREDENTIALS_ERROR_LEN, "%s:%u: %s", name, number, wrong);
		nrm_credentials_free(c);
		return err;
	}
	nrm_random(c->key, sizeof(c->key));
	c->nobody = c->entry[0].password; /* costs as much */
	nrm_random(c->nobody.salt, sizeof(c->nobody.salt));
	*ret_credentials = c;
	return NRM_OK;
}

enum nrm_err nrm_credentials_load(const char *path, struct nrm_credentials **ret_credentials,
				  char error[static NRM_CREDENTIALS_ERROR_LEN])
{
	struct nrm_buf bytes = {0};
	enum nrm_err err = nrm_file_read(path, MAX_FILE, true, &bytes);

	if (err != NRM_OK)
		snprintf(error, NRM_CREDENTIALS_ERROR_LEN, "%s: %s%s", path, nrm_err_text(err),
			 err == NRM_ERR_PERMISSION ? ": expected mode 0600" : "");
	else
		err = nrm_credentials_parse(path, nrm_buf_slice(&bytes), ret_credentials, error);
	nrm_buf_wipe(&bytes);
	return err;
}

/* --- asking --- */

static void digest(const struct nrm_credentials *c, struct nrm_slice name,
		   struct nrm_slice password, uint8_t out[static NRM_HASH_LEN])
{
	const struct nrm_slice parts[] = {name, nrm_slice("", 1), password};

	nrm_hmac(nrm_slice(c->key, sizeof(c->key)), parts, 3, out);
}

bool nrm_credentials_remembered(const struct nrm_credentials *c, struct nrm_slice name,
				struct nrm_slice password)
{
	uint8_t asked[NRM_HASH_LEN];
	bool found = false;

	digest(c, name, password, asked);
	for (size_t i = 0; i < c->n; i++)
		found |= nrm_equal_secret(asked, c->entry[i].remembered, sizeof(asked)) &
			 c->entry[i].right_once;
	nrm_wipe(asked, sizeof(asked));
	return found;
}

bool nrm_credentials_check(struct nrm_credentials *c, struct nrm_slice name,
			   struct nrm_slice password)
{
	struct entry *entry = find(c, name);
	const enum nrm_err err =
		nrm_password_check(entry ? &entry->password : &c->nobody, password);

	if (!entry || err != NRM_OK)
		return false;
	digest(c, name, password, entry->remembered);
	entry->right_once = true;
	return true;
}

/* --- writing --- */

static void put_line(struct nrm_buf *out, const struct entry *e)
{
	char salt[2 * NRM_PASSWORD_SALT_LEN + 1], hash[2 * NRM_HASH_LEN + 1], line[256];

	nrm_hex(e->password.salt, sizeof(e->password.salt), salt);
	nrm_hex(e->password.hash, sizeof(e->password.hash), hash);
	const int n = snprintf(line, sizeof(line), "%s:scrypt:%u:%u:%u:%s:%s\n", e->name,
			       e->password.log2_n, e->password.r, e->password.p, salt, hash);
	nrm_buf_put(out, line, (size_t)n);
	nrm_wipe(line, sizeof(line));
}

enum nrm_err nrm_credentials_set(const char *path, struct nrm_slice name, struct nrm_slice password,
				 char error[static NRM_CREDENTIALS_ERROR_LEN])
{
	struct nrm_credentials *c = NULL;
	struct nrm_buf out = {0};
	struct entry set = {.name = ""}, *place;

	snprintf(error, NRM_CREDENTIALS_ERROR_LEN,
		 "expected a name of letters, digits and ._@-, and a password of 1 to %u bytes",
		 NRM_MAX_PASSWORD);
	if (!nrm_credentials_name_ok(name) || password.len == 0 || password.len > NRM_MAX_PASSWORD)
		return NRM_ERR_ARGUMENT;
	enum nrm_err err = nrm_credentials_load(path, &c, error);
	if (err != NRM_OK && err != NRM_ERR_NOT_FOUND)
		return err;
	memcpy(set.name, name.data, name.len);
	err = nrm_password_make(password, &set.password);
	place = c ? find(c, name) : NULL;
	for (size_t i = 0; c && i < c->n; i++)
		put_line(&out, &c->entry[i] == place ? &set : &c->entry[i]);
	if (!place)
		put_line(&out, &set);
	if (err == NRM_OK)
		err = c && !place && c->n == NRM_MAX_PAGE_NAMES ? NRM_ERR_LIMIT : out.err;
	if (err == NRM_OK)
		err = nrm_file_replace(path, 0600, nrm_buf_slice(&out));
	if (err != NRM_OK)
		snprintf(error, NRM_CREDENTIALS_ERROR_LEN, "%s: %s", path, nrm_err_text(err));
	nrm_wipe(&set, sizeof(set));
	nrm_credentials_free(c);
	nrm_buf_wipe(&out);
	return err;
}
