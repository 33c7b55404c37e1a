/*
 * A case's row: case id, u8(version), then everything in the order below. Each list of
 * members is written once and serves both directions.
 */
#include "broker/books/cases.h"

#define ROW_VERSION 1

struct codec {
	struct nrm_buf *out;   /* writing, or NULL */
	struct nrm_reader *in; /* reading, or NULL */
};

static void bytes(struct codec *c, void *p, size_t len)
{
	if (c->out)
		nrm_buf_put(c->out, p, len);
	else
		nrm_take_bytes(c->in, p, len);
}

static void u32(struct codec *c, uint32_t *v)
{
	if (c->out)
		nrm_buf_put_u32(c->out, *v);
	else
		*v = nrm_take_u32(c->in);
}

static void u64(struct codec *c, uint64_t *v)
{
	if (c->out)
		nrm_buf_put_u64(c->out, *v);
	else
		*v = nrm_take_u64(c->in);
}

static void flag(struct codec *c, bool *v)
{
	uint8_t b = *v;

	bytes(c, &b, 1);
	*v = b != 0;
}

/* An enum's number, in one byte: no vocabulary has more. */
#define CODE(c, v)                         \
	do {                               \
		uint8_t b_ = (uint8_t)(v); \
		bytes(c, &b_, 1);          \
		(v) = b_;                  \
	} while (0)

/* A list's length: reading more than `max` is damage. */
static void length(struct codec *c, uint32_t *n, uint32_t max)
{
	u32(c, n);
	if (c->in && *n > max) {
		c->in->failed = true;
		*n = 0;
	}
}

static void card(struct codec *c, struct nrm_card *k)
{
	CODE(c, k->age_class);
	flag(c, &k->age_decided);
	u64(c, &k->adult_since);
	CODE(c, k->guardian);
	u32(c, &k->guardian_party);
	flag(c, &k->complicit_parent);
	length(c, &k->n_excluded, NRM_MAX_CASE_EXCLUDED);
	for (uint32_t i = 0; i < k->n_excluded; i++)
		u32(c, &k->excluded[i]);
	u64(c, &k->refused);
	flag(c, &k->contact_stated);
	u32(c, &k->contact);
	flag(c, &k->asylum_seeker);
	flag(c, &k->consulate_wished);
	u64(c, &k->reflection_until);
	u64(c, &k->last_threat);
	u32(c, &k->receiving_manager);
	for (int i = 0; i < NRM_ASSESSMENT_END_; i++) {
		u64(c, &k->assessed[i]);
		u64(c, &k->assessed_stated[i]);
	}
	u64(c, &k->contributed);
	for (int i = 0; i < NRM_FACT_END_; i++)
		u64(c, &k->stated[i]);
}

static void consent(struct codec *c, struct nrm_consent *s)
{
	CODE(c, s->given_by);
	u64(c, &s->services);
	flag(c, &s->any_service);
	length(c, &s->n_recipients, NRM_MAX_CONSENT_RECIPIENTS);
	for (uint32_t i = 0; i < s->n_recipients; i++)
		u32(c, &s->recipient[i]);
	u64(c, &s->recipient_roles);
	flag(c, &s->any_recipient);
	u64(c, &s->named_fields);
	u64(c, &s->categories);
	flag(c, &s->any_field);
	length(c, &s->n_countries, NRM_MAX_CONSENT_COUNTRIES);
	for (uint32_t i = 0; i < s->n_countries; i++)
		bytes(c, &s->country[i], sizeof(s->country[i]));
	CODE(c, s->purpose);
	CODE(c, s->phase);
	u64(c, &s->from);
	u64(c, &s->until);
	u64(c, &s->withdrawn_at);
	CODE(c, s->heard);
	flag(c, &s->understood);
	flag(c, &s->interpreter_conflict);
	u32(c, &s->guardian);
	flag(c, &s->guardian_unknown);
	length(c, &s->n_recorders, NRM_MAX_CONSENT_RECORDERS);
	for (uint32_t i = 0; i < s->n_recorders; i++)
		u32(c, &s->recorder[i]);
}

static void party(struct codec *c, struct nrm_case_party *p)
{
	u32(c, &p->handle);
	u32(c, &p->part);
}

static void head(struct codec *c, struct nrm_case *k, uint8_t *version)
{
	bytes(c, k->id, sizeof(k->id));
	bytes(c, version, 1);
	u64(c, &k->opened_at);
	card(c, &k->card);
}

static void consent_at(struct codec *c, struct nrm_case *k, uint32_t i)
{
	bytes(c, k->consent_on_file[i].id, NRM_CONSENT_ID_LEN);
	bytes(c, k->consent_on_file[i].digest, NRM_HASH_LEN);
	consent(c, &k->consent[i]);
}

void nrm_case_row_encode(const struct nrm_case *k, struct nrm_buf *out)
{
	struct codec c = {.out = out};
	struct nrm_case copy =
		*k; /* writing changes nothing, but the codec is of both directions */
	uint8_t version = ROW_VERSION;

	head(&c, &copy, &version);
	u32(&c, &copy.n_parties);
	for (uint32_t i = 0; i < copy.n_parties; i++)
		party(&c, &copy.party[i]);
	u32(&c, &copy.n_consents);
	for (uint32_t i = 0; i < copy.n_consents; i++)
		consent_at(&c, &copy, i);
}

static enum nrm_err read_parties(struct codec *c, struct nrm_case *k)
{
	uint32_t n = 0;
	enum nrm_err err = NRM_OK;

	length(c, &n, NRM_MAX_CASE_PARTIES);
	for (uint32_t i = 0; err == NRM_OK && i < n; i++) {
		struct nrm_case_party p;

		party(c, &p);
		err = nrm_case_join(k, p.handle, p.part);
	}
	return err;
}

static enum nrm_err read_consents(struct codec *c, struct nrm_case *k)
{
	uint32_t n = 0, place;
	enum nrm_err err = NRM_OK;

	length(c, &n, NRM_MAX_CASE_CONSENTS);
	for (uint32_t i = 0; err == NRM_OK && i < n; i++) {
		err = nrm_case_add_consent(k, &place);
		if (err == NRM_OK)
			consent_at(c, k, place);
	}
	return err;
}

enum nrm_err nrm_case_row_decode(struct nrm_slice row, struct nrm_case *k)
{
	struct nrm_reader in = nrm_reader(row);
	struct codec c = {.in = &in};
	uint8_t version = 0;

	head(&c, k, &version);
	if (version != ROW_VERSION)
		return NRM_ERR_CORRUPT;
	enum nrm_err err = read_parties(&c, k);
	if (err == NRM_OK)
		err = read_consents(&c, k);
	if (err != NRM_OK)
		return err;
	return nrm_reader_end(&in) == NRM_OK ? NRM_OK : NRM_ERR_CORRUPT;
}
