/*
 * The person's record as one page of HTML that needs nothing else: readable on a telephone, printable, without scripts.
 */
#include <string.h>

#include "agents/auditor/person.h"
#include "proto/base/hex.h"

struct page {
	const struct nrm_person_record *record;
	const struct nrm_person_telling *how;
	FILE *out;
	bool unreviewed;
};

static const char style[] =
	"body{font:1rem/1.6 system-ui,'Noto Sans','Noto Sans "
	"Khmer',sans-serif;max-width:46rem;margin:2rem "
	"auto;padding:0 1rem;color:#111;background:#fff}"
	"h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:"
	"1rem;margin:0}"
	"section,li.m{break-inside:avoid}ol,ul{padding-left:1.2rem}ol{list-style:none;padding:0}"
	"li.m{border-top:1px solid #999;padding:.8rem 0}dl{margin:.3rem "
	"0;display:grid;grid-template-columns:"
	"minmax(8rem,12rem) 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0}.why{color:#444}"
	"code{overflow-wrap:anywhere}"
	"@media(max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}"
	"@media(prefers-color-scheme:dark){body{color:#eee;background:#111}.why{color:#bbb}}"
	"@media print{body{color:#000;background:#fff;margin:0;max-width:none}.why{color:#000}}";

static void put(struct page *p, struct nrm_slice text)
{
	static const char *const as[256] = {['<'] = "&lt;",
					    ['>'] = "&gt;",
					    ['&'] = "&amp;",
					    ['"'] = "&quot;",
					    ['\''] = "&#39;"};

	for (size_t i = 0; i < text.len; i++) {
		if (as[text.data[i]])
			fputs(as[text.data[i]], p->out);
		else
			fputc(text.data[i], p->out);
	}
}

static void put_text(struct page *p, const char *text)
{
	put(p, nrm_slice_str(text));
}

static void put_phrase(struct page *p, enum nrm_phrase which)
{
	put_text(p, nrm_phrase(p->how->glossary, which, p->how->language));
}

static void put_label(struct page *p, enum nrm_vocabulary kind, uint32_t code)
{
	p->unreviewed |= p->how->glossary &&
			 !nrm_text_reviewed(p->how->glossary, kind, code, p->how->language);
	put_text(p, nrm_label(p->how->glossary, kind, code, p->how->language));
}

static void put_why(struct page *p, enum nrm_reason reason)
{
	put_label(p, NRM_VOCABULARY_REASON, reason);
	fputs(" <span class=\"why\">", p->out);
	put_text(p, nrm_explanation(p->how->glossary, NRM_VOCABULARY_REASON, reason,
				    p->how->language));
	fputs("</span>", p->out);
}

static void put_fields(struct page *p, nrm_mask fields)
{
	bool any = false;

	for (uint32_t field = 1; field < 64; field++) {
		if (!(fields & nrm_bit(field)))
			continue;
		fputs(any ? ", " : "", p->out);
		put_label(p, NRM_VOCABULARY_FIELD, field);
		any = true;
	}
	if (!any)
		put_phrase(p, NRM_PHRASE_NOTHING);
}

/* "<dt>phrase</dt><dd>": what follows is the caller's, and end_row(). */
static void begin_row(struct page *p, enum nrm_phrase which)
{
	fputs("<dt>", p->out);
	put_phrase(p, which);
	fputs("</dt><dd>", p->out);
}

static void end_row(struct page *p)
{
	fputs("</dd>\n", p->out);
}

static void put_recipients(struct page *p)
{
	fputs("<section><h2>", p->out);
	put_phrase(p, NRM_PHRASE_WHO_RECEIVED);
	fputs("</h2>\n<ul>\n", p->out);
	for (size_t i = 0; i < p->record->n_recipients; i++) {
		const struct nrm_person_recipient *r = &p->record->recipient[i];
		const nrm_mask on_the_way = r->passed_on & ~r->received;

		fputs("<li><strong>", p->out);
		put(p, nrm_person_name(p->record, r->id));
		fputs("</strong>: ", p->out);
		if (r->received)
			put_fields(p, r->received);
		if (on_the_way) {
			fputs(r->received ? "; <span class=\"why\">" : "<span class=\"why\">",
			      p->out);
			put_phrase(p, NRM_PHRASE_NOT_CONFIRMED);
			fputs(":</span> ", p->out);
			put_fields(p, on_the_way);
		}
		fputs("</li>\n", p->out);
	}
	if (p->record->n_recipients == 0) {
		fputs("<li>", p->out);
		put_phrase(p, NRM_PHRASE_NOTHING);
		fputs("</li>\n", p->out);
	}
	fputs("</ul></section>\n", p->out);
}

/* Its number; when it was recorded and by whom. */
static void put_consent(struct page *p, struct nrm_slice id)
{
	const struct nrm_person_message *given = nrm_person_consent(p->record, id);
	char hex[2 * NRM_HASH_LEN + 1], time[NRM_PERSON_TIME];

	begin_row(p, NRM_PHRASE_UNDER_CONSENT);
	nrm_hex(id.data, id.len, hex);
	fprintf(p->out, "<code>%s</code>", hex);
	if (given) {
		nrm_person_time(given->time_ms, time);
		fprintf(p->out, " <span class=\"why\">%s, ", time);
		put(p, nrm_person_name(p->record, given->sender));
		fputs("</span>", p->out);
	}
	end_row(p);
}

static void put_ground(struct page *p, const struct nrm_person_message *m)
{
	if (m->basis) {
		begin_row(p, NRM_PHRASE_BECAUSE);
		put_label(p, NRM_VOCABULARY_BASIS, m->basis);
		if (m->emergency) {
			fputs(", ", p->out);
			put_label(p, NRM_VOCABULARY_EMERGENCY, m->emergency);
		}
		end_row(p);
	}
	for (size_t i = 0; nrm_person_shares(m) && i < m->consent_id.n; i++)
		put_consent(p, m->consent_id.item[i]);
}

static void put_withheld(struct page *p, const struct nrm_person_message *m)
{
	static const enum nrm_reason reasons[3] = {NRM_REASON_SECRET, NRM_REASON_NOT_NEEDED,
						   NRM_REASON_NOT_CONSENTED};

	for (size_t i = 0; i < 3; i++) {
		if (!m->withheld[i])
			continue;
		begin_row(p, NRM_PHRASE_NOT_PASSED_ON);
		put_fields(p, m->withheld[i]);
		fputs("<br>", p->out);
		put_why(p, reasons[i]);
		end_row(p);
	}
}

static void put_fate(struct page *p, const struct nrm_person_message *m)
{
	char time[NRM_PERSON_TIME];

	if (m->outcome != NRM_OUTCOME_FORWARD) {
		fputs("<dt>", p->out);
		put_label(p, NRM_VOCABULARY_OUTCOME, m->outcome);
		fputs("</dt><dd>", p->out);
		put_why(p, m->reason);
		end_row(p);
		return;
	}
	if (!nrm_person_shares(m))
		return;
	begin_row(p, NRM_PHRASE_PASSED_ON);
	put_fields(p, m->forwarded);
	fputs("<br><span class=\"why\">", p->out);
	if (m->ack == NRM_ACK_OK) {
		nrm_person_time(m->acknowledged_ms, time);
		put_phrase(p, NRM_PHRASE_CONFIRMED_ON);
		fprintf(p->out, " %s", time);
	} else {
		put_phrase(p, m->ack ? NRM_PHRASE_COULD_NOT_USE : NRM_PHRASE_NOT_CONFIRMED);
	}
	fputs("</span>", p->out);
	end_row(p);
}

static void put_message(struct page *p, const struct nrm_person_message *m)
{
	char time[NRM_PERSON_TIME];

	nrm_person_time(m->time_ms, time);
	fprintf(p->out, "<li class=\"m\"><h3><time>%s</time> ", time);
	put_label(p, NRM_VOCABULARY_MESSAGE_TYPE, m->type);
	if (m->service) {
		fputs(": ", p->out);
		put_label(p, NRM_VOCABULARY_SERVICE, m->service);
	}
	fputs("</h3>\n<dl>", p->out);
	begin_row(p, NRM_PHRASE_FROM);
	put(p, nrm_person_name(p->record, m->sender));
	end_row(p);
	if (nrm_person_shares(m)) {
		begin_row(p, NRM_PHRASE_TO);
		put(p, nrm_person_name(p->record, m->recipient));
		end_row(p);
	}
	put_ground(p, m);
	put_fate(p, m);
	put_withheld(p, m);
	fputs("</dl></li>\n", p->out);
}

static void put_head(struct page *p)
{
	const char *tag = p->how->glossary ? nrm_glossary_tag(p->how->glossary, p->how->language)
					   : "en";
	char hex[2 * sizeof(p->record->case_id) + 1], time[NRM_PERSON_TIME];

	fprintf(p->out,
		"<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src "
		"'unsafe-inline'\">\n<title>",
		tag);
	put_phrase(p, NRM_PHRASE_RECORD_TITLE);
	fprintf(p->out, "</title>\n<style>%s</style></head><body><main>\n<h1>", style);
	put_phrase(p, NRM_PHRASE_RECORD_TITLE);
	nrm_hex(p->record->case_id, sizeof(p->record->case_id), hex);
	nrm_person_time(p->how->now_ms, time);
	fputs("</h1>\n<p>", p->out);
	put_phrase(p, NRM_PHRASE_CASE_NUMBER);
	fprintf(p->out, " <code>%s</code><br>", hex);
	put_phrase(p, NRM_PHRASE_AS_OF);
	fprintf(p->out, " <time>%s</time><br>", time);
	put_phrase(p, NRM_PHRASE_TIMES_UTC);
	fputs("<br>", p->out);
	put_phrase(p, NRM_PHRASE_NO_VALUES);
	fputs("</p>\n", p->out);
}

void nrm_person_html(const struct nrm_person_record *record,
		     const struct nrm_person_telling *telling, FILE *out)
{
	struct page p = {.record = record, .how = telling, .out = out};

	put_head(&p);
	put_recipients(&p);
	fputs("<h2>", out);
	put_phrase(&p, NRM_PHRASE_WHAT_HAPPENED);
	fputs("</h2>\n<ol>\n", out);
	for (size_t i = 0; i < record->n; i++)
		put_message(&p, &record->message[i]);
	fputs("</ol>\n", out);
	if (p.unreviewed &&
	    strcmp(nrm_glossary_tag(telling->glossary, telling->language), "en") != 0) {
		fputs("<p class=\"why\">", out);
		put_phrase(&p, NRM_PHRASE_NOT_REVIEWED);
		fputs("</p>\n", out);
	}
	fputs("</main></body></html>\n", out);
}
