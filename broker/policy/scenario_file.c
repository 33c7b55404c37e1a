#include "broker/policy/scenario_file.h"

#include <stdlib.h>

#include "broker/policy/scenario_text.h"
#include "proto/base/id.h"

struct nrm_scenarios {
	struct nrm_yaml yaml;
	void *decoded; /* struct nrm_scenario_text */
	struct nrm_scenario_reader reader;
	uint16_t country;
	struct nrm_case current;
};

static const struct nrm_scenario_text *text_of(const struct nrm_scenarios *s)
{
	return s->decoded;
}

/* Ends a step: the error's line for the caller. */
static enum nrm_err told(const struct nrm_scenarios *s, enum nrm_err err, char *ret_error)
{
	if (err != NRM_OK) {
		const char *line = nrm_yaml_error(&s->yaml);
		snprintf(ret_error, NRM_SCENARIO_ERROR_LEN, "%s", *line ? line : nrm_err_text(err));
	}
	return err;
}

static enum nrm_err read_cast(struct nrm_scenarios *s)
{
	s->reader.yaml = &s->yaml;
	s->country = nrm_country_code(nrm_slice_str(text_of(s)->country));
	if (s->country == 0)
		nrm_scenario_fail(&s->reader, "country", "expected a country, as TH");
	nrm_scenario_cast(&s->reader, text_of(s));
	return s->reader.err;
}

/* From a file, or from bytes when there are any. */
static enum nrm_err open_file(const char *name, const struct nrm_slice *bytes,
			      struct nrm_scenarios **ret_scenarios, char *ret_error)
{
	struct nrm_scenarios *s = calloc(1, sizeof(*s));
	enum nrm_err err;

	if (!s) {
		snprintf(ret_error, NRM_SCENARIO_ERROR_LEN, "%s", nrm_err_text(NRM_ERR_NOMEM));
		return NRM_ERR_NOMEM;
	}
	nrm_yaml_init(&s->yaml);
	err = bytes ? nrm_yaml_load_bytes(&s->yaml, name, *bytes)
		    : nrm_yaml_load_file(&s->yaml, name);
	if (err == NRM_OK)
		err = nrm_yaml_decode(&s->yaml, &nrm_scenario_schema, &s->decoded);
	if (err == NRM_OK)
		err = read_cast(s);
	if (told(s, err, ret_error) != NRM_OK) {
		nrm_scenarios_close(s);
		return err;
	}
	*ret_scenarios = s;
	return NRM_OK;
}

enum nrm_err nrm_scenarios_open(const char *path, struct nrm_scenarios **ret_scenarios,
				char ret_error[static NRM_SCENARIO_ERROR_LEN])
{
	return open_file(path, NULL, ret_scenarios, ret_error);
}

enum nrm_err nrm_scenarios_open_bytes(const char *name, struct nrm_slice bytes,
				      struct nrm_scenarios **ret_scenarios,
				      char ret_error[static NRM_SCENARIO_ERROR_LEN])
{
	return open_file(name, &bytes, ret_scenarios, ret_error);
}

void nrm_scenarios_close(struct nrm_scenarios *s)
{
	if (!s)
		return;
	free(s->reader.cast.id);
	free(s->reader.cast.party);
	nrm_yaml_free_decoded(&nrm_scenario_schema, s->decoded);
	nrm_yaml_done(&s->yaml);
	free(s);
}

uint32_t nrm_scenarios_count(const struct nrm_scenarios *s)
{
	return text_of(s)->cases_count;
}

const char *nrm_scenarios_name(const struct nrm_scenarios *s, uint32_t index)
{
	return text_of(s)->cases[index].name;
}

const char *nrm_scenarios_source(const struct nrm_scenarios *s, uint32_t index)
{
	return text_of(s)->cases[index].source;
}

enum nrm_err nrm_scenarios_case(struct nrm_scenarios *s, uint32_t index,
				struct nrm_facts *ret_facts, const struct nrm_message **ret_message,
				uint64_t *ret_now, char ret_error[static NRM_SCENARIO_ERROR_LEN])
{
	nrm_scenario_case(&s->reader, &text_of(s)->cases[index], index, &s->current);
	if (told(s, s->reader.err, ret_error) != NRM_OK)
		return s->reader.err;
	*ret_facts = (struct nrm_facts){
		.country = s->country,
		.party = s->reader.cast.party,
		.n_parties = s->reader.cast.n,
		.card = &s->current.card,
		.consent = s->current.consent,
		.n_consents = s->current.n_consents,
	};
	*ret_message = &s->current.message;
	*ret_now = s->current.now;
	return NRM_OK;
}

const struct nrm_case *nrm_scenarios_current(const struct nrm_scenarios *s)
{
	return &s->current;
}

const char *nrm_scenarios_party(const struct nrm_scenarios *s, uint32_t handle)
{
	return handle < s->reader.cast.n ? s->reader.cast.id[handle] : "";
}

const char *nrm_scenarios_consent(const struct nrm_scenarios *s, uint32_t index, uint32_t consent)
{
	return text_of(s)->cases[index].consents[consent].id;
}

uint32_t nrm_scenarios_line(const struct nrm_scenarios *s, uint32_t index, const char *path)
{
	char at[NRM_YAML_PATH_LEN];
	uint32_t line = 0, column;

	snprintf(at, sizeof(at), "cases[%u]%s%s", index, *path ? "." : "", path);
	(void)nrm_yaml_position(&s->yaml, at, &line, &column);
	return line;
}

enum nrm_err nrm_scenarios_expects(struct nrm_scenarios *s, uint32_t index,
				   char ret_error[static NRM_SCENARIO_ERROR_LEN])
{
	char at[NRM_YAML_PATH_LEN];
	uint32_t line, column;

	snprintf(at, sizeof(at), "cases[%u].expect", index);
	if (nrm_yaml_position(&s->yaml, at, &line, &column) == NRM_OK)
		return NRM_OK;
	snprintf(at, sizeof(at), "cases[%u]", index);
	return told(s, nrm_yaml_fail(&s->yaml, at, "expected \"expect\""), ret_error);
}
