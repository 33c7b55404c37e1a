#include "proto/directory/participants.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "proto/base/id.h"
#include "proto/base/limits.h"
#include "proto/directory/check.h"
#include "proto/directory/participants_schema.h"
#include "proto/directory/public_keys.h"
#include "proto/trail/note.h"

/* An entry and where in the file it stands: entries are sorted by id, the file need not be. */
struct row {
	struct nrm_participant_entry entry;
	unsigned place;
};

struct compilation {
	struct nrm_yaml yaml;
	struct nrm_arena arena;
	const struct nrm_participants_options *options;
	char folder[PATH_MAX]; /* that relative `keys:` are resolved against */
	const struct nrm_participants_text *text;
	struct row *row;
	struct nrm_directory_body body;
	char *error;
};

/* "participants[3].roles": a key of participant `i` of the file. */
static const char *at(struct compilation *c, unsigned i, const char *key)
{
	return nrm_yaml_at(&c->yaml, "participants[%u].%s", i, key);
}

/* The bundle that a `keys:` names: a file, or a folder with public.yaml in it. */
static enum nrm_err read_keys(struct compilation *c, const char *where, const char *keys, const char *id,
			      struct nrm_public_keys *ret_keys)
{
	char path[PATH_MAX];
	struct stat st;
	int len = *keys == '/' ? snprintf(path, sizeof(path), "%s", keys)
			       : snprintf(path, sizeof(path), "%s/%s", c->folder, keys);

	if (len < (int)sizeof(path) && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		len += snprintf(path + len, sizeof(path) - (size_t)len, "/%s", NRM_PUBLIC_KEYS_FILE);
	enum nrm_err err = len < (int)sizeof(path) ? nrm_public_keys_read(path, &c->arena, ret_keys, c->error)
						   : NRM_ERR_NOT_FOUND;
	if (err == NRM_ERR_NOT_FOUND)
		return nrm_yaml_fail(&c->yaml, where, "expected public keys that `nrm key new` made, but there is no %.256s",
				     path);
	if (err != NRM_OK)
		return err;
	if (!nrm_slice_equal(ret_keys->id, nrm_slice_str(id)))
		return nrm_yaml_fail(&c->yaml, where, "expected the keys of %s, but these are of %.*s", id,
				     (int)ret_keys->id.len, (const char *)ret_keys->id.data);
	return NRM_OK;
}

/* A code; those of a list must differ. */
static enum nrm_err read_codes(struct compilation *c, unsigned i, const char *key, enum nrm_vocabulary kind,
			       char *const *text, unsigned n, nrm_mask *ret_mask)
{
	nrm_mask mask = 0;

	for (unsigned j = 0; j < n; j++) {
		const char *where = nrm_yaml_at(&c->yaml, "participants[%u].%s[%u]", i, key, j);
		uint32_t code;
		enum nrm_err err = nrm_yaml_code(&c->yaml, where, kind, text[j], &code);
		if (err != NRM_OK)
			return err;
		if (mask & nrm_bit(code))
			return nrm_yaml_fail(&c->yaml, where, "expected each %s once", nrm_vocabulary_name(kind));
		mask |= nrm_bit(code);
	}
	*ret_mask = mask;
	return NRM_OK;
}

static int compare_slices(const void *a, const void *b)
{
	return nrm_slice_compare(*(const struct nrm_slice *)a, *(const struct nrm_slice *)b);
}

/* The regions of each service that is limited to some; `mask` has those of `services` and gets these. */
static enum nrm_err read_regions(struct compilation *c, unsigned i, struct nrm_slices *by_service, nrm_mask *mask)
{
	const struct nrm_participant_text *p = &c->text->participants[i];

	for (unsigned j = 0; j < p->regional_services_count; j++) {
		const struct nrm_regional_text *r = &p->regional_services[j];
		const char *where = nrm_yaml_at(&c->yaml, "participants[%u].regional_services[%u].service", i, j);
		struct nrm_slice *region = nrm_arena_alloc(&c->arena, r->regions_count * sizeof(*region));
		uint32_t service;
		enum nrm_err err = nrm_yaml_code(&c->yaml, where, NRM_VOCABULARY_SERVICE, r->service, &service);
		if (err != NRM_OK)
			return err;
		if (*mask & nrm_bit(service))
			return nrm_yaml_fail(&c->yaml, where, "expected each service once, in services or here");
		if (!region)
			return NRM_ERR_NOMEM;
		for (unsigned k = 0; k < r->regions_count; k++) {
			region[k] = nrm_slice_str(r->regions[k]);
			if (!nrm_region_ok(region[k]))
				return nrm_yaml_fail(
					&c->yaml,
					nrm_yaml_at(&c->yaml, "participants[%u].regional_services[%u].regions[%u]", i,
						    j, k),
					"expected 1 to %u of A-Z, 0-9 and -, such as TH-10", NRM_MAX_REGION);
		}
		qsort(region, r->regions_count, sizeof(*region), compare_slices);
		by_service[service] = (struct nrm_slices){region, r->regions_count};
		*mask |= nrm_bit(service);
	}
	return NRM_OK;
}

static enum nrm_err read_offers(struct compilation *c, unsigned i, struct nrm_participant_entry *entry)
{
	const struct nrm_participant_text *p = &c->text->participants[i];
	struct nrm_slices by_service[64] = {{NULL, 0}};
	struct nrm_offer_entry *offer = nrm_arena_alloc(&c->arena, 64 * sizeof(*offer));
	nrm_mask mask;
	enum nrm_err err = offer ? read_codes(c, i, "services", NRM_VOCABULARY_SERVICE, p->services,
					      p->services_count, &mask)
				 : NRM_ERR_NOMEM;

	if (err == NRM_OK)
		err = read_regions(c, i, by_service, &mask);
	if (err != NRM_OK)
		return err;
	for (uint32_t service = 1; service < 64; service++)
		if (mask & nrm_bit(service))
			offer[entry->n_offers++] =
				(struct nrm_offer_entry){(enum nrm_service)service, by_service[service]};
	entry->offer = offer;
	return NRM_OK;
}

static enum nrm_err read_roles(struct compilation *c, unsigned i, struct nrm_participant_entry *entry)
{
	const struct nrm_participant_text *p = &c->text->participants[i];
	uint32_t *code = nrm_arena_alloc(&c->arena, 64 * sizeof(*code));
	nrm_mask mask;
	enum nrm_err err = code ? read_codes(c, i, "roles", NRM_VOCABULARY_ROLE, p->roles, p->roles_count, &mask)
				: NRM_ERR_NOMEM;

	if (err != NRM_OK)
		return err;
	for (uint32_t role = 1; role < 64; role++)
		if (mask & nrm_bit(role))
			code[entry->role.n++] = role;
	entry->role.code = code;
	return NRM_OK;
}

static enum nrm_err read_time(struct compilation *c, unsigned i, const char *key, const char *text, uint64_t otherwise,
			      uint64_t *ret_ms)
{
	*ret_ms = otherwise;
	return text ? nrm_yaml_time(&c->yaml, at(c, i, key), text, ret_ms) : NRM_OK;
}

static enum nrm_err read_participant(struct compilation *c, unsigned i, struct nrm_participant_entry *entry)
{
	const struct nrm_participant_text *p = &c->text->participants[i];
	uint32_t kind = 0, status = NRM_STATUS_ACTIVE;
	struct nrm_public_keys keys;

	*entry = (struct nrm_participant_entry){
		.id = nrm_slice_str(p->id),
		.name = nrm_slice_str(p->name),
		.country = p->country ? nrm_slice_str(p->country) : nrm_slice(p->id, 2),
		.detention = p->detention,
		.max_version = p->max_version ? *p->max_version : NRM_PROTOCOL_VERSION,
	};
	/* What follows may take it that the id has a country. */
	if (!nrm_participant_id_ok(entry->id))
		return nrm_yaml_fail(&c->yaml, at(c, i, "id"), "expected COUNTRY.slug, such as TH.police-bangkok");
	enum nrm_err err = nrm_yaml_code(&c->yaml, at(c, i, "kind"), NRM_VOCABULARY_ORG_KIND, p->kind, &kind);
	if (err == NRM_OK && p->status)
		err = nrm_yaml_code(&c->yaml, at(c, i, "status"), NRM_VOCABULARY_STATUS, p->status, &status);
	if (err == NRM_OK)
		err = read_roles(c, i, entry);
	if (err == NRM_OK)
		err = read_offers(c, i, entry);
	if (err == NRM_OK)
		err = read_time(c, i, "valid_from", p->valid_from, c->body.valid_from_ms, &entry->valid_from_ms);
	if (err == NRM_OK)
		err = read_time(c, i, "valid_until", p->valid_until, c->body.valid_until_ms, &entry->valid_until_ms);
	if (err == NRM_OK)
		err = read_keys(c, at(c, i, "keys"), p->keys, p->id, &keys);
	if (err != NRM_OK)
		return err;
	if (keys.n_keys == 0)
		return nrm_yaml_fail(&c->yaml, at(c, i, "keys"), "expected an agency's keys, but these are a broker's");
	entry->kind = (enum nrm_org_kind)kind;
	entry->status = (enum nrm_status)status;
	entry->key = keys.key;
	entry->n_keys = keys.n_keys;
	return NRM_OK;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = nrm_slice_compare(x->entry.id, y->entry.id);

	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static enum nrm_err read_participants(struct compilation *c)
{
	unsigned n = c->text->participants_count;
	struct nrm_participant_entry *entry = nrm_arena_alloc(&c->arena, n * sizeof(*entry));
	enum nrm_err err = NRM_OK;

	c->row = nrm_arena_alloc(&c->arena, n * sizeof(*c->row));
	if (!entry || !c->row)
		return NRM_ERR_NOMEM;
	for (unsigned i = 0; err == NRM_OK && i < n; i++) {
		c->row[i].place = i;
		err = read_participant(c, i, &c->row[i].entry);
	}
	if (err != NRM_OK)
		return err;
	qsort(c->row, n, sizeof(*c->row), compare_rows);
	for (unsigned i = 0; i < n; i++)
		entry[i] = c->row[i].entry;
	c->body.participant = entry;
	c->body.n_participants = n;
	return NRM_OK;
}

/* The verifier key of the trail: as text, as a bare public key, or from the broker's bundle. */
static enum nrm_err read_log_key(struct compilation *c, const struct nrm_trail_text *t, struct nrm_slice of_bundle,
				 struct nrm_slice *ret_key)
{
	struct nrm_slice public;
	struct nrm_note_key key;
	struct nrm_buf text;

	if (t->verifier_key || !t->public_key) {
		*ret_key = t->verifier_key ? nrm_slice_str(t->verifier_key) : of_bundle;
		if (t->verifier_key && t->public_key)
			return nrm_yaml_fail(&c->yaml, "trail.public_key",
					     "expected verifier_key or public_key, not both");
		return ret_key->len ? NRM_OK
				    : nrm_yaml_fail(&c->yaml, "trail",
						    "expected verifier_key, public_key, or a broker with keys");
	}
	enum nrm_err err = nrm_yaml_hex(&c->yaml, "trail.public_key", t->public_key, NRM_KEY_LEN, &c->arena, &public);
	if (err != NRM_OK)
		return err;
	char *origin = nrm_arena_copy(&c->arena, c->body.trail.origin.data, c->body.trail.origin.len);
	if (!origin)
		return NRM_ERR_NOMEM;
	if (nrm_note_key_make(origin, 0x01, public.data, &key) != NRM_OK)
		return nrm_yaml_fail(&c->yaml, "trail.public_key", "expected an acceptable Ed25519 key and origin");
	nrm_buf_init(&text);
	nrm_note_key_format(&key, &text);
	char *copy = text.err == NRM_OK ? nrm_arena_copy(&c->arena, text.data, text.len) : NULL;
	*ret_key = nrm_slice(copy, text.len);
	nrm_buf_done(&text);
	return copy ? NRM_OK : NRM_ERR_NOMEM;
}

static enum nrm_err read_trail(struct compilation *c, struct nrm_slice of_bundle)
{
	static const struct nrm_trail_text nothing = {.origin = NULL};
	const struct nrm_trail_text *t = c->text->trail ? c->text->trail : &nothing;
	size_t n = 1 + t->earlier_keys_count;
	struct nrm_slice *key = nrm_arena_alloc(&c->arena, n * sizeof(*key));
	char *origin = nrm_arena_copy(&c->arena, "nrm/??", 6);

	if (!key || !origin)
		return NRM_ERR_NOMEM;
	memcpy(origin + 4, c->body.country.data, 2);
	c->body.trail.origin = nrm_slice_str(t->origin ? t->origin : origin);
	c->body.trail.old_head = nrm_slice_str(t->old_head);
	enum nrm_err err = read_log_key(c, t, of_bundle, &key[0]);
	for (unsigned i = 0; i < t->earlier_keys_count; i++)
		key[1 + i] = nrm_slice_str(t->earlier_keys[i]);
	c->body.trail.verifier_key = (struct nrm_slices){key, n};
	return err;
}

static enum nrm_err read_broker(struct compilation *c, struct nrm_slice *ret_verifier_key)
{
	const struct nrm_broker_text *b = &c->text->broker;
	const char *endpoint = c->options && c->options->endpoint ? c->options->endpoint : b->endpoint;
	struct nrm_public_keys keys = {.n_keys = 0};

	c->body.broker.id = nrm_slice_str(b->id);
	c->body.broker.endpoint = nrm_slice_str(endpoint);
	if (!b->transport_key == !b->keys)
		return nrm_yaml_fail(&c->yaml, "broker", "expected transport_key, or keys (a folder), and not both");
	if (b->transport_key)
		return nrm_yaml_hex(&c->yaml, "broker.transport_key", b->transport_key, NRM_KEY_LEN, &c->arena,
				    &c->body.broker.transport_key);
	enum nrm_err err = read_keys(c, "broker.keys", b->keys, b->id, &keys);
	if (err != NRM_OK)
		return err;
	if (keys.n_keys > 0)
		return nrm_yaml_fail(&c->yaml, "broker.keys", "expected a broker's keys, but these are an agency's");
	c->body.broker.transport_key = keys.transport_key;
	*ret_verifier_key = keys.verifier_key;
	return NRM_OK;
}

static enum nrm_err read_directory(struct compilation *c)
{
	const struct nrm_participants_text *t = c->text;
	struct nrm_slice verifier_key = {NULL, 0};

	c->body.country = nrm_slice_str(t->country);
	c->body.version = t->version;
	c->body.witness_quorum = t->witness_quorum;
	if (!nrm_country_ok(c->body.country))
		return nrm_yaml_fail(&c->yaml, "country", "expected two capital letters (ISO 3166-1)");
	enum nrm_err err = nrm_yaml_time(&c->yaml, "valid_from", t->valid_from, &c->body.valid_from_ms);
	if (err == NRM_OK)
		err = nrm_yaml_time(&c->yaml, "valid_until", t->valid_until, &c->body.valid_until_ms);
	if (err == NRM_OK)
		err = nrm_yaml_hex(&c->yaml, "successor_authority", t->successor_authority, NRM_KEY_LEN, &c->arena,
				   &c->body.successor_authority);
	if (err == NRM_OK)
		err = read_broker(c, &verifier_key);
	if (err == NRM_OK)
		err = read_trail(c, verifier_key);
	return err == NRM_OK ? read_participants(c) : err;
}

/* The rules that every directory has to keep, their faults shown in the file. */
static enum nrm_err check(struct compilation *c, const uint8_t *authority)
{
	struct nrm_directory_fault fault;
	enum nrm_err err = nrm_directory_check(&c->body, authority, &fault);

	if (err == NRM_OK)
		return NRM_OK;
	const char *where = fault.participant == NRM_FAULT_OF_THE_WHOLE
				    ? fault.key
				    : at(c, c->row[fault.participant].place, fault.key);
	return nrm_yaml_fail(&c->yaml, where, "%s", fault.text);
}

static void set_folder(struct compilation *c, const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(c->folder, sizeof(c->folder), "%s",
		 c->options && c->options->keys ? c->options->keys : dirname(copy));
}

enum nrm_err nrm_participants_compile(const char *path, const struct nrm_participants_options *options,
				      const uint8_t authority[static NRM_KEY_LEN], struct nrm_buf *out,
				      char error[static NRM_YAML_ERROR_LEN])
{
	struct compilation c = {.options = options, .error = error};
	void *decoded = NULL;

	nrm_yaml_init(&c.yaml);
	nrm_arena_init(&c.arena, NRM_MAX_YAML_MEMORY);
	set_folder(&c, path);
	*error = '\0';
	enum nrm_err err = nrm_yaml_load_file(&c.yaml, path);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&c.yaml, &nrm_participants_schema, &decoded);
	c.text = decoded;
	if (err == NRM_OK)
		err = read_directory(&c);
	if (err == NRM_OK)
		err = check(&c, authority);
	if (err == NRM_OK)
		err = nrm_directory_encode(&c.body, out);
	if (err != NRM_OK && *nrm_yaml_error(&c.yaml))
		snprintf(error, NRM_YAML_ERROR_LEN, "%s", nrm_yaml_error(&c.yaml));
	else if (err != NRM_OK && !*error)
		snprintf(error, NRM_YAML_ERROR_LEN, "%.512s: %s", path, nrm_err_text(err));
	nrm_yaml_free_decoded(&nrm_participants_schema, decoded);
	nrm_arena_done(&c.arena);
	nrm_yaml_done(&c.yaml);
	return err;
}
