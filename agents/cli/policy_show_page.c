/*
 * Who may get what as one page: no scripts, nothing fetched. Labels are in the language asked for;
 * words of the page itself are English and say so (lang="en").
 */
#include "agents/cli/policy_show.h"

#include "proto/base/hex.h"
#include "proto/base/time.h"

static const char style[] =
	"body{font:14px/1.4 'Noto Sans','Khmer OS','Noto Sans Khmer','DejaVu Sans',sans-serif;"
	"margin:1.5rem;color:#111;background:#fff}"
	"h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:0 0 .2rem}"
	"p{margin:.2rem 0 .6rem;max-width:72rem}code{font-size:.85em;color:#333}"
	"nav dl{columns:22rem;margin:0}nav dt{font-weight:bold;break-after:avoid}"
	"nav dd{margin:0 0 0 1rem}a{color:#0b4f8a}"
	"section{margin:2rem 0;break-inside:avoid}"
	"table.grid{border-collapse:collapse;font-size:11px;line-height:1.2}"
	".grid th,.grid td{border:1px solid #999;padding:0}"
	".grid thead th{font-weight:normal;vertical-align:bottom;text-align:center;height:1px}"
	".grid thead th.group{font-size:9px;font-weight:bold;background:#eee;overflow:hidden;"
	"max-width:0;white-space:nowrap;text-overflow:ellipsis;line-height:1.7}"
	".grid thead span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;"
	"padding:3px 0;display:inline-block;max-height:13rem}"
	".grid tbody th{text-align:left;font-weight:normal;white-space:nowrap;padding:0 6px 0 3px}"
	".grid td{width:15px;min-width:15px;height:15px;text-align:center;font-weight:bold}"
	".grid tbody tr:hover{outline:2px solid #111}"
	"td.n,b.n{background:#14633a;color:#fff}td.b,b.b{background:#8f4200;color:#fff}"
	"td.s,b.s{background:#ddd;color:#444;font-weight:normal}"
	".legend b{display:inline-block;width:1.4em;text-align:center;border:1px solid #999}"
	".legend span{margin-right:1.2em;white-space:nowrap}ul.walls{margin:.4rem "
	"0;padding-left:1.2rem;"
	"font-size:12px}"
	"@page{size:A4 landscape;margin:8mm}"
	"@media print{body{margin:0;font-size:11px}nav,.up{display:none}"
	"section{break-before:page;margin:0}table.grid{font-size:8px}"
	".grid td{width:13px;min-width:13px;height:13px}ul.walls{font-size:8px}"
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{color:inherit;"
	"text-decoration:none}}";

static const char *const classes[] = {"", " class=n", " class=s", " class=b"};
static const char *const letters[] = {"", "N", "s", "B"};

struct page {
	const struct nrm_show *show;
	const struct nrm_policy *policy;
	FILE *out;
};

/* Text into HTML, fit for an attribute in double quotes too. */
static void put(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
}

static const char *label(const struct page *p, enum nrm_vocabulary kind, uint32_t code)
{
	return nrm_label(p->show->glossary, kind, code, p->show->language);
}

/* title="explanation (code)" */
static void put_title(const struct page *p, enum nrm_vocabulary kind, uint32_t code)
{
	const char *more = nrm_explanation(p->show->glossary, kind, code, p->show->language);

	fputs(" title=\"", p->out);
	put(p->out, more);
	fprintf(p->out, "%s(%s)\"", *more ? " " : "", nrm_code_name(kind, code));
}

static void put_head(const struct page *p)
{
	const char *tag = p->show->glossary ? nrm_glossary_tag(p->show->glossary, p->show->language)
					    : "en";
	char digest[2 * sizeof(p->policy->digest) + 1], date[NRM_TIME_TEXT_LEN + 1];

	nrm_hex(p->policy->digest, sizeof(p->policy->digest), digest);
	nrm_time_format(p->show->now, date);
	fputs("<!DOCTYPE html>\n<html lang=\"", p->out);
	put(p->out, tag);
	fprintf(p->out,
		"\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
		"content=\"width=device-width\">\n"
		"<title>Who may get what</title>\n<style>%s</style></head>\n<body>\n"
		"<header lang=en><h1>Who may get what</h1>\n<p>Policy ",
		style);
	put(p->out, nrm_policy_source_name(p->show->source));
	fprintf(p->out, ", version %llu, shown on %.10s, SHA-256 <code>%s</code></p>\n",
		(unsigned long long)p->policy->version, date, digest);
	fputs("<p>For each service, what at most may reach an agency of a role that offers it, "
	      "whoever sends it: what passes also needs the person&#39;s consent or another "
	      "ground, "
	      "and no wall in between. On the ground of emergency, the emergency minimum stands "
	      "for what is needed.</p>\n",
	      p->out);
}

static void put_legend(const struct page *p)
{
	static const struct {
		enum nrm_cell cell;
		const char *text;
	} entries[] = {
		{NRM_CELL_NEEDED, "needed: arrives with the person&#39;s consent"},
		{NRM_CELL_NEEDED_BUT_SECRET, "needed but secret for this role: withheld"},
		{NRM_CELL_SECRET, "secret for this role, and not needed"},
		{NRM_CELL_NOT_NEEDED, "not needed: withheld"},
	};

	fputs("<p class=legend lang=en>", p->out);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		fprintf(p->out, "<span><b%s>%s</b> %s</span> ", classes[entries[i].cell],
			*letters[entries[i].cell] ? letters[entries[i].cell] : "&nbsp;",
			entries[i].text);
	fputs("</p></header>\n", p->out);
	if (p->show->glossary &&
	    p->show->language != nrm_glossary_language(p->show->glossary, "en") &&
	    !nrm_text_reviewed(p->show->glossary, NRM_VOCABULARY_FIELD, 1, p->show->language)) {
		fputs("<p>", p->out);
		put(p->out,
		    nrm_phrase(p->show->glossary, NRM_PHRASE_NOT_REVIEWED, p->show->language));
		fputs("</p>\n", p->out);
	}
}

static void put_index(const struct page *p)
{
	fputs("<nav aria-label=\"Index of services\"><dl>\n", p->out);
	for (uint32_t area = 1; area < NRM_AREA_END_; area++) {
		bool titled = false;
		for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
			if (!nrm_has(p->show->services, s) || nrm_service_area(s) != area)
				continue;
			if (!titled) {
				fputs("<dt>", p->out);
				put(p->out, label(p, NRM_VOCABULARY_AREA, area));
			}
			titled = true;
			fprintf(p->out, "<dd><a href=\"#%s\"",
				nrm_code_name(NRM_VOCABULARY_SERVICE, s));
			put_title(p, NRM_VOCABULARY_SERVICE, s);
			fputc('>', p->out);
			put(p->out, label(p, NRM_VOCABULARY_SERVICE, s));
			fputs("</a>\n", p->out);
		}
	}
	fputs("<dd><a href=\"#elsewhere\" lang=en>Answers and updates to who does not offer "
	      "the service</a>\n</dl></nav>\n",
	      p->out);
}

/* Categories over their fields; fields lie side by side by category. */
static void put_columns(const struct page *p)
{
	fputs("<thead><tr><td rowspan=2>", p->out);
	for (uint32_t c = 1; c < NRM_CATEGORY_END_; c++) {
		uint32_t n = 0;
		for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
			n += nrm_field_category(f) == c;
		fprintf(p->out, "<th class=group scope=colgroup colspan=%u", n);
		put_title(p, NRM_VOCABULARY_CATEGORY, c);
		fputc('>', p->out);
		put(p->out, label(p, NRM_VOCABULARY_CATEGORY, c));
	}
	fputs("<tr>", p->out);
	for (uint32_t c = 1; c < NRM_CATEGORY_END_; c++)
		for (uint32_t f = 1; f < NRM_FIELD_END_; f++) {
			if (nrm_field_category(f) != c)
				continue;
			fputs("<th scope=col", p->out);
			put_title(p, NRM_VOCABULARY_FIELD, f);
			fputs("><span>", p->out);
			put(p->out, label(p, NRM_VOCABULARY_FIELD, f));
			fputs("</span>", p->out);
		}
	fputs("</thead>\n", p->out);
}

static void put_rows(const struct page *p, uint32_t service)
{
	fputs("<tbody>", p->out);
	for (uint32_t r = 1; r < NRM_ROLE_END_; r++) {
		const struct nrm_reach reach = nrm_policy_reach(p->policy, r, service);
		fputs("<tr><th scope=row", p->out);
		put_title(p, NRM_VOCABULARY_ROLE, r);
		fputc('>', p->out);
		put(p->out, label(p, NRM_VOCABULARY_ROLE, r));
		for (uint32_t c = 1; c < NRM_CATEGORY_END_; c++)
			for (uint32_t f = 1; f < NRM_FIELD_END_; f++)
				if (nrm_field_category(f) == c)
					fprintf(p->out, "<td%s>%s", classes[nrm_cell(reach, f)],
						letters[nrm_cell(reach, f)]);
		fputc('\n', p->out);
	}
	fputs("</tbody></table>\n", p->out);
}

static void put_roles(const struct page *p, nrm_mask roles)
{
	const char *separator = "";

	if (roles == NRM_ANYONE) {
		fputs("<span lang=en>every role</span>", p->out);
		return;
	}
	for (uint32_t r = 1; r < NRM_ROLE_END_; r++)
		if (nrm_has(roles, r)) {
			fputs(separator, p->out);
			put(p->out, label(p, NRM_VOCABULARY_ROLE, r));
			separator = ", ";
		}
}

/* Pairs of roles between which nothing about the service passes. */
static void put_walls(const struct page *p, uint32_t service)
{
	char path[NRM_POLICY_PATH_LEN];

	fputs("<ul class=walls>", p->out);
	for (uint32_t i = 0; i < p->policy->n_walls; i++) {
		const struct nrm_wall *wall = &p->policy->wall[i];
		if (nrm_has(wall->except, service))
			continue;
		snprintf(path, sizeof(path), "firewall[%u]", i);
		fputs("<li><span lang=en>Never from</span> ", p->out);
		put_roles(p, wall->from);
		fputs(" <span lang=en>to</span> ", p->out);
		put_roles(p, wall->to);
		fprintf(p->out, " <code>%s, line %u</code>\n", path,
			nrm_policy_source_line(p->show->source, path));
	}
	fputs("</ul>", p->out);
}

/* `service` NRM_SERVICE_ABSENT: what reaches who does not offer a service. */
static void put_service(const struct page *p, uint32_t service)
{
	const enum nrm_vocabulary kind = NRM_VOCABULARY_SERVICE;

	if (service) {
		fprintf(p->out, "<section id=\"%s\"><h2>", nrm_code_name(kind, service));
		put(p->out, label(p, kind, service));
		fprintf(p->out, " <code>%s</code></h2>\n<p>", nrm_code_name(kind, service));
		put(p->out, nrm_explanation(p->show->glossary, kind, service, p->show->language));
		fputs("</p>\n", p->out);
	} else {
		fputs("<section id=\"elsewhere\"><h2 lang=en>Answers and updates to who does not "
		      "offer the service</h2>\n",
		      p->out);
	}
	fprintf(p->out, "<table class=grid data-service=\"%s\">",
		service ? nrm_code_name(kind, service) : "");
	put_columns(p);
	put_rows(p, service);
	put_walls(p, service);
	fputs("</section>\n", p->out);
}

void nrm_show_page(const struct nrm_show *show, FILE *out)
{
	const struct page p = {show, nrm_policy_source_policy(show->source), out};

	put_head(&p);
	put_legend(&p);
	put_index(&p);
	fputs("<main>\n", out);
	for (uint32_t s = 1; s < NRM_SERVICE_END_; s++)
		if (nrm_has(show->services, s))
			put_service(&p, s);
	put_service(&p, NRM_SERVICE_ABSENT);
	fputs("</main></body></html>\n", out);
}
