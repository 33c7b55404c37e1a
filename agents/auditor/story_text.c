/* A leaf for people: one line, and below it what oversight may know. */
#include <inttypes.h>
#include <string.h>

#include "agents/auditor/story.h"
#include "proto/base/hex.h"
#include "proto/base/time.h"

static const char *code(enum nrm_vocabulary kind, uint32_t number)
{
	const char *name = nrm_code_name(kind, number);

	return name ? name : "-";
}

/* Prints "title a b c" for the codes of a mask, nothing for an empty one. */
static void print_mask(FILE *out, const char *title, enum nrm_vocabulary kind, nrm_mask mask)
{
	if (!mask)
		return;
	fprintf(out, "%10s%-14s", "", title);
	for (uint32_t i = 1; i < 64; i++) {
		if (mask & nrm_bit(i))
			fprintf(out, " %s", code(kind, i));
	}
	fputc('\n', out);
}

static void print_hex(FILE *out, const char *title, struct nrm_slice bytes)
{
	char hex[2 * NRM_HASH_LEN + 1];

	if (bytes.len == 0 || bytes.len > NRM_HASH_LEN)
		return;
	nrm_hex(bytes.data, bytes.len, hex);
	fprintf(out, "%10s%-14s %s\n", "", title, hex);
}

static void print_withheld(FILE *out, const struct nrm_view *view)
{
	for (size_t i = 0; i < sizeof(view->withheld) / sizeof(view->withheld[0]); i++) {
		if (!view->withheld[i].reason)
			continue;
		fprintf(out, "%10s%-14s", "", "withheld");
		for (uint32_t field = 1; field < 64; field++) {
			if (view->withheld[i].fields & nrm_bit(field))
				fprintf(out, " %s", code(NRM_VOCABULARY_FIELD, field));
		}
		fprintf(out, " (%s)\n", code(NRM_VOCABULARY_REASON, view->withheld[i].reason));
	}
}

/* Whether a leaf is a message on its way to somebody who will acknowledge it: not one to the broker itself. */
static bool awaits_ack(const struct nrm_leaf *leaf)
{
	static const char broker[] = ".nrm";
	const size_t len = sizeof(broker) - 1;

	return leaf->outcome == NRM_OUTCOME_FORWARD && leaf->kind <= NRM_EVENT_NOTICE &&
	       leaf->recipient.len > len &&
	       memcmp(leaf->recipient.data + leaf->recipient.len - len, broker, len) != 0;
}

static void print_ack(FILE *out, const struct nrm_story_leaf *told)
{
	const char *ack = code(NRM_VOCABULARY_ACK, told->ack);

	if (told->leaf.kind == NRM_EVENT_ACKNOWLEDGEMENT && told->oversight->earlier)
		fprintf(out, "%10s%-14s %s, of leaf %" PRIu64 "\n", "", "acknowledges", ack,
			told->oversight->earlier - 1);
	else if (told->acknowledged)
		fprintf(out, "%10s%-14s %s, in leaf %" PRIu64 "\n", "", "acknowledged", ack,
			told->acknowledged - 1);
	else if (awaits_ack(&told->leaf))
		fprintf(out, "%10s%-14s not yet\n", "", "acknowledged");
}

static void print_rules(FILE *out, uint32_t rules)
{
	if (!rules)
		return;
	fprintf(out, "%10s%-14s", "", "rules");
	for (unsigned i = 1; i < 32; i++) {
		if (rules >> i & 1)
			fprintf(out, " %u", i);
	}
	fputc('\n', out);
}

static void print_oversight(FILE *out, const struct nrm_story_leaf *told, bool case_ids)
{
	const struct nrm_view *view = told->oversight;

	if (told->slot >= 0)
		fprintf(out, "%10s%-14s %" PRId64 "\n", "", "case number", told->slot);
	if (case_ids)
		print_hex(out, "case id", view->case_id);
	if (view->basis)
		fprintf(out, "%10s%-14s %s%s%s\n", "", "ground",
			code(NRM_VOCABULARY_BASIS, view->basis), view->emergency ? " " : "",
			view->emergency ? code(NRM_VOCABULARY_EMERGENCY, view->emergency) : "");
	if (view->reason != told->leaf.reason)
		fprintf(out, "%10s%-14s %s\n", "", "true reason",
			code(NRM_VOCABULARY_REASON, view->reason));
	print_mask(out, "forwarded", NRM_VOCABULARY_FIELD, view->forwarded);
	print_withheld(out, view);
	print_mask(out, "missing", NRM_VOCABULARY_ASSESSMENT, view->missing);
	print_mask(out, "falls due", NRM_VOCABULARY_OBLIGATION, view->obligations);
	print_rules(out, view->rules);
	for (size_t i = 0; i < view->consent_id.n; i++)
		print_hex(out, "consent", view->consent_id.item[i]);
	if (view->subject.len)
		fprintf(out, "%10s%-14s %.*s\n", "", "about", (int)view->subject.len,
			(const char *)view->subject.data);
	if (view->document_version)
		fprintf(out, "%10s%-14s %" PRIu64 "\n", "", "version", view->document_version);
	print_hex(out, "document", view->document_digest);
	print_ack(out, told);
}

void nrm_story_text(const struct nrm_story_leaf *told, bool case_ids, FILE *out)
{
	const struct nrm_leaf *leaf = &told->leaf;
	char time[NRM_TIME_TEXT_LEN + 1];

	nrm_time_format(leaf->minute * 60000, time);
	fprintf(out, "%8" PRIu64 "  %.10s %.5s  %-15s", told->index, time, time + 11,
		code(NRM_VOCABULARY_EVENT, leaf->kind));
	if (leaf->sender.len || leaf->recipient.len)
		fprintf(out, "  %.*s -> %.*s", (int)leaf->sender.len,
			(const char *)leaf->sender.data, (int)leaf->recipient.len,
			(const char *)leaf->recipient.data);
	if (leaf->service)
		fprintf(out, "  %s", code(NRM_VOCABULARY_SERVICE, leaf->service));
	if (leaf->reason) /* only what was decided on has an outcome */
		fprintf(out, "  %s %s", code(NRM_VOCABULARY_OUTCOME, leaf->outcome),
			code(NRM_VOCABULARY_REASON, leaf->reason));
	fputc('\n', out);
	if (told->oversight)
		print_oversight(out, told, case_ids);
	else if (!told->leaf_only)
		fprintf(out, "%10s%-14s the case was forgotten, or its key is not at hand\n", "",
			"record closed");
}
