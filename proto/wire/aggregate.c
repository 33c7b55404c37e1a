#include "proto/wire/aggregate.h"

#include "proto/base/limits.h"
#include "proto/trail.pb-c.h"
#include "proto/wire/message.h"

#define VERSION 1

#define NRM_X_(name, number, code) [number - 1] = code,
static const struct {
	const char *kind;
	uint32_t n;
	const char *code[NRM_AGGREGATE_CODES];
} kinds[] = {
	[NRM_AGGREGATE_SEX] = {"sex", 4, {NRM_SEXES(NRM_X_)}},
	[NRM_AGGREGATE_AGE] = {"age", 3, {NRM_AGES(NRM_X_)}},
	[NRM_AGGREGATE_FORM] = {"form", 9, {NRM_FORMS(NRM_X_)}},
};
#undef NRM_X_

const char *nrm_aggregate_kind_code(enum nrm_aggregate_kind kind)
{
	return kinds[kind].kind;
}

uint32_t nrm_aggregate_codes(enum nrm_aggregate_kind kind)
{
	return kinds[kind].n;
}

const char *nrm_aggregate_code(enum nrm_aggregate_kind kind, uint32_t code)
{
	return kinds[kind].code[code - 1];
}

void nrm_aggregate_withhold(struct nrm_aggregate_group *group)
{
	for (uint32_t i = 0; i < NRM_AGGREGATE_CODES; i++)
		group->withheld |= group->count[i] != 0 && group->count[i] < NRM_AGGREGATE_BELOW;
	if (group->withheld)
		memset(group->count, 0, sizeof(group->count));
}

static enum nrm_err write_group(const struct nrm_aggregate_group *group, struct nrm_arena *arena,
				Nrm__AggregateGroup *m)
{
	const uint32_t n = group->withheld ? 0 : kinds[group->kind].n;
	uint32_t *count = nrm_arena_alloc(arena, (n + 1) * sizeof(*count));

	if (!count)
		return NRM_ERR_NOMEM;
	memcpy(count, group->count, n * sizeof(*count));
	m->service = (Nrm__Service)group->service;
	m->kind = group->kind;
	m->withheld = group->withheld;
	m->n_count = n;
	m->count = count;
	return NRM_OK;
}

enum nrm_err nrm_aggregate_encode(const struct nrm_aggregate *aggregate, struct nrm_buf *out)
{
	Nrm__AggregateStatement m = NRM__AGGREGATE_STATEMENT__INIT;
	struct nrm_arena arena;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	m.version = VERSION;
	m.message_id = nrm_write_bytes(aggregate->message_id);
	m.month = aggregate->month;
	m.made_ms = aggregate->made_ms;
	m.n_group = aggregate->n_groups;
	m.group = nrm_message_list(&nrm__aggregate_group__descriptor, m.n_group, &arena);
	enum nrm_err err = m.group ? nrm_write_string(aggregate->agency, &arena, &m.agency)
				   : NRM_ERR_NOMEM;
	for (size_t i = 0; i < m.n_group && err == NRM_OK; i++)
		err = write_group(&aggregate->group[i], &arena, m.group[i]);
	if (err == NRM_OK)
		err = nrm_message_pack(&m.base, NRM_MAX_AGGREGATE, out);
	nrm_arena_done(&arena);
	return err;
}

static enum nrm_err read_group(const Nrm__AggregateGroup *m, struct nrm_aggregate_group *group)
{
	bool any = m->withheld;

	if (m->kind < NRM_AGGREGATE_SEX || m->kind >= NRM_AGGREGATE_END_)
		return NRM_ERR_UNKNOWN_CODE;
	group->service = (enum nrm_service)m->service;
	group->kind = (enum nrm_aggregate_kind)m->kind;
	group->withheld = m->withheld;
	if (m->n_count != (m->withheld ? 0 : kinds[m->kind].n))
		return NRM_ERR_FORMAT;
	for (size_t i = 0; i < m->n_count; i++) {
		if (m->count[i] != 0 && m->count[i] < NRM_AGGREGATE_BELOW)
			return NRM_ERR_FORMAT;
		group->count[i] = m->count[i];
		any |= m->count[i] != 0;
	}
	return any ? NRM_OK : NRM_ERR_FORMAT;
}

static enum nrm_err read_groups(const Nrm__AggregateStatement *m, struct nrm_arena *arena,
				const struct nrm_aggregate_group **ret_group)
{
	struct nrm_aggregate_group *group;
	enum nrm_err err = NRM_OK;

	if (m->n_group > NRM_AGGREGATE_GROUPS)
		return NRM_ERR_LIMIT;
	group = nrm_arena_alloc(arena, (m->n_group + 1) * sizeof(*group));
	if (!group)
		return NRM_ERR_NOMEM;
	for (size_t i = 0; i < m->n_group && err == NRM_OK; i++) {
		err = read_group(m->group[i], &group[i]);
		if (err == NRM_OK && i > 0 &&
		    (group[i].service < group[i - 1].service ||
		     (group[i].service == group[i - 1].service &&
		      group[i].kind <= group[i - 1].kind)))
			err = NRM_ERR_FORMAT;
	}
	*ret_group = group;
	return err;
}

enum nrm_err nrm_aggregate_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_aggregate *ret_aggregate)
{
	ProtobufCMessage *message;
	enum nrm_err err;

	if (bytes.len > NRM_MAX_AGGREGATE)
		return NRM_ERR_LIMIT;
	err = nrm_message_read(&nrm__aggregate_statement__descriptor, bytes, arena, &message);
	if (err != NRM_OK)
		return err;
	const Nrm__AggregateStatement *m = (const Nrm__AggregateStatement *)message;
	struct nrm_aggregate aggregate = {
		.message_id = nrm_read_bytes(m->message_id),
		.agency = nrm_slice_str(m->agency),
		.month = (uint16_t)m->month,
		.made_ms = m->made_ms,
		.n_groups = m->n_group,
	};
	if (m->version != VERSION)
		return m->version > VERSION ? NRM_ERR_VERSION : NRM_ERR_FORMAT;
	if (!nrm_message_id_ok(aggregate.message_id) || !nrm_participant_id_ok(aggregate.agency))
		return NRM_ERR_ID;
	if (m->month != aggregate.month)
		return NRM_ERR_FORMAT;
	err = read_groups(m, arena, &aggregate.group);
	if (err == NRM_OK)
		*ret_aggregate = aggregate;
	return err;
}
