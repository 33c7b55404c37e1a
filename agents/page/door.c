/* Who may come in: by which name the page may be called, and with which password. */
#include <stdlib.h>
#include <strings.h>

#include "agents/page/server_parts.h"
#include "proto/base/log.h"
#include "proto/base/time.h"

/* The name in a Host header, without its port; empty when it has another form. */
static struct nrm_slice name_of(const char *host)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
	const char *port;

	if (host[0] == '[' && !end)
		return nrm_slice(NULL, 0);
	if (!end)
		return nrm_slice_str(host);
	end += host[0] == '[';
	port = end + (*end == ':');
	if ((*end && *end != ':') || strspn(port, "0123456789") != strlen(port))
		return nrm_slice(NULL, 0);
	return nrm_slice(host, (size_t)(end - host));
}

static bool same(struct nrm_slice name, const char *other)
{
	return name.len == strlen(other) &&
	       strncasecmp((const char *)name.data, other, name.len) == 0;
}

/* A page of somebody else's that has its own name lead here is none of these. */
bool nrm_door_host_ok(const struct nrm_serve_options *options, const char *host)
{
	static const char *const own[] = {"localhost", "127.0.0.1", "[::1]"};
	const struct nrm_slice name = host ? name_of(host) : nrm_slice(NULL, 0);

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (name.len && same(name, own[i]))
			return true;
	for (size_t i = 0; i < options->n_hosts; i++)
		if (name.len && same(name, options->host[i]))
			return true;
	return false;
}

static enum nrm_door judge(struct nrm_server *server, struct nrm_slice name,
			   struct nrm_slice password)
{
	struct nrm_credentials *credentials = server->options->credentials;

	if (name.len > NRM_MAX_ID || password.len > NRM_MAX_PASSWORD)
		return NRM_DOOR_ASK;
	if (nrm_credentials_remembered(credentials, name, password))
		return NRM_DOOR_OPEN;
	if (server->n_refused >= NRM_MAX_PAGE_REFUSALS)
		return NRM_DOOR_BUSY; /* guessing costs them time, not us */
	if (nrm_credentials_check(credentials, name, password))
		return NRM_DOOR_OPEN;
	nrm_log(NRM_LOG_WARNING, "login", "result=refused"); /* without the name that was tried */
	return NRM_DOOR_WRONG;
}

enum nrm_door nrm_door(struct nrm_server *server, struct MHD_Connection *connection)
{
	char *password = NULL;
	char *name = MHD_basic_auth_get_username_password(connection, &password);
	enum nrm_door door = NRM_DOOR_ASK;

	if (name && password)
		door = judge(server, nrm_slice_str(name), nrm_slice_str(password));
	if (password)
		nrm_wipe(password, strlen(password));
	MHD_free(password);
	MHD_free(name);
	return door;
}

int nrm_door_step(struct nrm_server *server, uint64_t now, int most)
{
	static const char text[] = "wrong name or password\n";

	while (server->refused && server->refused->until_ms <= now) {
		struct nrm_visit *visit = server->refused;
		server->refused = visit->next;
		server->n_refused--;
		nrm_visit_answer(visit, 401, "text/plain; charset=utf-8", nrm_slice_str(text));
	}
	return server->refused && server->refused->until_ms - now < (uint64_t)most
		       ? (int)(server->refused->until_ms - now)
		       : most;
}
