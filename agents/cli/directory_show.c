#include "agents/cli/directory_show.h"

#include <jansson.h>
#include <stdio.h>

#include "agents/cli/cli.h"
#include "agents/cli/public_key.h"
#include "proto/base/hex.h"
#include "proto/base/limits.h"
#include "proto/base/time.h"
#include "proto/crypto/keyfile.h"
#include "proto/crypto/sign.h"
#include "proto/directory/check.h"
#include "proto/directory/directory.h"
#include "proto/wire/directory_wire.h"

/* Lists of codes in one line. */
static void put_codes(struct nrm_buf *line, enum nrm_vocabulary kind, const uint32_t *code,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = nrm_code_name(kind, code[i]);
		if (line->len > 0)
			nrm_buf_put_u8(line, ' ');
		nrm_buf_put(line, name, strlen(name));
	}
}

static void print_line(const char *label, const struct nrm_buf *line)
{
	printf("  %-9s %.*s\n", label, (int)line->len, line->len ? (const char *)line->data : "");
}

static void print_participant(const struct nrm_participant_entry *p)
{
	char from[NRM_TIME_TEXT_LEN + 1], until[NRM_TIME_TEXT_LEN + 1];
	struct nrm_buf line;

	nrm_time_format(p->valid_from_ms, from);
	nrm_time_format(p->valid_until_ms, until);
	printf("\n%.*s  %.*s\n", (int)p->id.len, (const char *)p->id.data, (int)p->name.len,
	       (const char *)p->name.data);
	printf("  %-9s %s%s, %s, %s to %s\n", "kind",
	       nrm_code_name(NRM_VOCABULARY_ORG_KIND, p->kind),
	       p->detention ? ", place of detention" : "",
	       nrm_code_name(NRM_VOCABULARY_STATUS, p->status), from, until);
	nrm_buf_init(&line);
	put_codes(&line, NRM_VOCABULARY_ROLE, p->role.code, p->role.n);
	print_line("roles", &line);
	nrm_buf_clear(&line);
	for (size_t i = 0; i < p->n_offers; i++) {
		uint32_t service = p->offer[i].service;
		put_codes(&line, NRM_VOCABULARY_SERVICE, &service, 1);
		for (size_t j = 0; j < p->offer[i].region.n; j++) {
			nrm_buf_put_u8(&line, j ? ',' : '@');
			nrm_buf_put(&line, p->offer[i].region.item[j].data,
				    p->offer[i].region.item[j].len);
		}
	}
	print_line("services", &line);
	nrm_buf_done(&line);
}

static void print_table(const struct nrm_directory_body *b, const char *digest, bool verified)
{
	char from[NRM_TIME_TEXT_LEN + 1], until[NRM_TIME_TEXT_LEN + 1];

	nrm_time_format(b->valid_from_ms, from);
	nrm_time_format(b->valid_until_ms, until);
	printf("directory  %.2s, version %llu, %s to %s\n", (const char *)b->country.data,
	       (unsigned long long)b->version, from, until);
	printf("digest     %s\n", digest);
	printf("signature  %s\n", verified ? "good" : "not checked: give --authority");
	printf("broker     %.*s at %.*s\n", (int)b->broker.id.len, (const char *)b->broker.id.data,
	       (int)b->broker.endpoint.len, (const char *)b->broker.endpoint.data);
	printf("trail      %.*s\n", (int)b->trail.verifier_key.item[0].len,
	       (const char *)b->trail.verifier_key.item[0].data);
	printf("witnesses  %u needed\n", b->witness_quorum);
	for (size_t i = 0; i < b->n_participants; i++)
		print_participant(&b->participant[i]);
}

static json_t *text(struct nrm_slice s)
{
	return json_stringn((const char *)s.data, s.len);
}

static json_t *time_text(uint64_t ms)
{
	char out[NRM_TIME_TEXT_LEN + 1];

	nrm_time_format(ms, out);
	return json_string(out);
}

static json_t *texts(struct nrm_slices list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list.n; i++)
		json_array_append_new(array, text(list.item[i]));
	return array;
}

static json_t *participant_json(const struct nrm_participant_entry *p)
{
	json_t *roles = json_array(), *services = json_array(), *keys = json_array();

	for (size_t i = 0; i < p->role.n; i++)
		json_array_append_new(
			roles, json_string(nrm_code_name(NRM_VOCABULARY_ROLE, p->role.code[i])));
	for (size_t i = 0; i < p->n_offers; i++)
		json_array_append_new(services, json_pack("{s:s, s:o}", "service",
							  nrm_code_name(NRM_VOCABULARY_SERVICE,
									p->offer[i].service),
							  "regions", texts(p->offer[i].region)));
	for (size_t i = 0; i < p->n_keys; i++)
		json_array_append_new(keys, nrm_cli_key_json(nrm_code_name(NRM_VOCABULARY_KEY_KIND,
									   p->key[i].kind),
							     p->key[i].key.data));
	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:s, s:o, s:o, s:i, s:o}", "id", text(p->id),
		"name", text(p->name), "kind", nrm_code_name(NRM_VOCABULARY_ORG_KIND, p->kind),
		"roles", roles, "services", services, "country", text(p->country), "detention",
		p->detention, "status", nrm_code_name(NRM_VOCABULARY_STATUS, p->status),
		"valid_from", time_text(p->valid_from_ms), "valid_until",
		time_text(p->valid_until_ms), "max_version", (int)p->max_version, "keys", keys);
}

static void print_json(const struct nrm_directory_body *b, const char *digest, bool verified)
{
	json_t *participants = json_array();

	for (size_t i = 0; i < b->n_participants; i++)
		json_array_append_new(participants, participant_json(&b->participant[i]));
	json_t *root = json_pack(
		"{s:b, s:I, s:o, s:o, s:o, s:s, s:{s:o, s:o, s:o}, s:{s:o, s:o}, s:i, s:o}",
		"verified", verified, "version", (json_int_t)b->version, "country",
		text(b->country), "valid_from", time_text(b->valid_from_ms), "valid_until",
		time_text(b->valid_until_ms), "digest", digest, "broker", "id", text(b->broker.id),
		"endpoint", text(b->broker.endpoint), "key",
		nrm_cli_key_json("transport", b->broker.transport_key.data), "trail", "origin",
		text(b->trail.origin), "verifier_keys", texts(b->trail.verifier_key),
		"witness_quorum", (int)b->witness_quorum, "participants", participants);
	json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}

/* Under the authority's key everything is checked; without one, everything but the signature. */
static enum nrm_err check(const struct nrm_document *document,
			  const struct nrm_directory_body *body, const uint8_t *authority,
			  char error[static 256])
{
	static const uint8_t nobody[NRM_KEY_LEN];
	struct nrm_directory_fault fault;
	struct nrm_directory *verified;
	enum nrm_err err;

	if (!authority) {
		err = nrm_directory_check(body, nobody, &fault);
		if (err != NRM_OK)
			snprintf(error, 256, "directory: %s: %s", fault.key, fault.text);
		return err;
	}
	err = nrm_directory_open(document, authority, &verified, error);
	if (err == NRM_OK)
		nrm_directory_free(verified);
	return err;
}

int nrm_cli_directory_show(const char *path, const uint8_t *authority, bool json)
{
	char error[256], hex[2 * NRM_HASH_LEN + 1];
	struct nrm_directory_body body;
	struct nrm_document document;
	uint8_t digest[NRM_HASH_LEN];
	struct nrm_arena arena;
	struct nrm_buf bytes;
	int status = 2;

	nrm_arena_init(&arena, 2 * NRM_MAX_DIRECTORY_ARENA);
	nrm_buf_init(&bytes);
	enum nrm_err err = nrm_file_read(path, NRM_MAX_FRAME, false, &bytes);
	if (err == NRM_OK)
		err = nrm_document_decode(nrm_buf_slice(&bytes), &arena, &document);
	if (err == NRM_OK)
		err = nrm_directory_decode(document.document, &arena, &body);
	if (err != NRM_OK) {
		nrm_cli_fail("%s: expected a signed directory: %s", path, nrm_err_text(err));
		goto out;
	}
	if (check(&document, &body, authority, error) != NRM_OK) {
		nrm_cli_fail("%s: %s", path, error);
		status = 1;
		goto out;
	}
	nrm_document_digest(NRM_DOMAIN_DIRECTORY, document.document, digest);
	nrm_hex(digest, sizeof(digest), hex);
	(json ? print_json : print_table)(&body, hex, authority != NULL);
	status = 0;
out:
	nrm_buf_done(&bytes);
	nrm_arena_done(&arena);
	return status;
}
