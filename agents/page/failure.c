#include "agents/page/failure.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void nrm_page_fail(struct nrm_page_failure *failure, struct nrm_slice found, const char *expected,
		   const char *format, ...)
{
	size_t n = found.len < sizeof(failure->found) ? found.len : sizeof(failure->found) - 1;
	va_list ap;

	va_start(ap, format);
	vsnprintf(failure->what, sizeof(failure->what), format, ap);
	va_end(ap);
	snprintf(failure->expected, sizeof(failure->expected), "%s", expected);
	for (size_t i = 0; i < n; i++)
		failure->found[i] =
			found.data[i] >= ' ' && found.data[i] < 127 ? (char)found.data[i] : '?';
	failure->found[n] = '\0';
}

void nrm_page_failure_json(const struct nrm_page_failure *failure, struct nrm_buf *out)
{
	json_t *o = json_pack("{s:{s:s, s:s, s:s}}", "error", "what", failure->what, "expected",
			      failure->expected, "found", failure->found);
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	if (!text && out->err == NRM_OK)
		out->err = NRM_ERR_NOMEM;
	else
		nrm_buf_put(out, text, strlen(text));
	free(text);
}
