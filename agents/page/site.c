#include "agents/page/site.h"

#include <string.h>

static const char *type_of(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},	   {".css", "text/css; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"}, {".json", "application/json"},
		{".txt", "text/plain; charset=utf-8"},	   {".svg", "image/svg+xml"},
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(dot, types[i].end) == 0)
			return types[i].type;
	return "application/octet-stream";
}

bool nrm_site_find(const char *path, struct nrm_slice *ret_bytes, const char **ret_type)
{
	const char *name = strcmp(path, "/") == 0 ? "index.html" : path + 1;

	for (const struct nrm_site_file *f = nrm_site; path[0] == '/' && f->name; f++) {
		if (strcmp(name, f->name) != 0 || f->begin == f->end)
			continue; /* an empty one could not be made */
		*ret_bytes = nrm_slice(f->begin, (size_t)(f->end - f->begin));
		*ret_type = type_of(f->name);
		return true;
	}
	return false;
}
